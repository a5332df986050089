-- Regular expressions have the meaning they have in Java.
\set SHOW_CONTEXT never
CREATE SCHEMA r;
-- tables whose names the expressions below tell apart
DO $$
DECLARE
	name text;
BEGIN
	FOREACH name IN ARRAY ARRAY[
		'a', 'B', 'ab', 'aab', 'b1', 'é', 'É', 'a b', 'a,b', 'a&b', 'a]b',
		'{x}', 'a-b', E'a\nb', E'a\tb', E'x\n', 'ſ', E'a\u00A0b', '😀', '٣',
		'a.b', 'abab', 'Ⅷ']
	LOOP
		EXECUTE format('CREATE TABLE r.%I ()', name);
	END LOOP;
END $$;
CREATE FUNCTION matches(pattern text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	-- a comma separates expressions, and a backslash is an escape in properties
	RETURN (SELECT string_agg(translate(table_name, E'\n\t\u00A0', '|>_'), ' '
							  ORDER BY table_name COLLATE "C")
			FROM debezium_tables(E'schema.include.list=r\ntable.include.list=' ||
				replace(replace(replace('r\.(?:' || pattern || ')',
					',', '\,'), '\', '\\'), E'\n', '\n')));
EXCEPTION WHEN invalid_regular_expression THEN
	RETURN 'error: ' || regexp_replace(sqlerrm, '(regular expression) ".*" in property "table.include.list"', '\1 ...');
END $$;
CREATE TABLE r_expected (pattern text, tables text);
INSERT INTO r_expected VALUES
	('a', 'a'),
	('A|b', 'B a'),
	('[^a].*', 'B b1 {x} É é ſ ٣ Ⅷ 😀'),
	-- only ASCII letters are folded
	('É', 'É'),
	('(?-i)b', NULL),
	('(?-i:B)', 'B'),
	('s', NULL),
	('[a-b]', 'B a'),
	('[A-Y-[b]]+', 'B a a-b aab ab abab'),
	-- line terminators
	('..', 'ab b1'),
	('...', 'a>b a b a&b a,b a-b a.b a]b aab a_b {x}'),
	('(?s)...', 'a>b a|b a b a&b a,b a-b a.b a]b aab a_b {x}'),
	('x.?', NULL),
	('x$\n', 'x|'),
	('x\Z\R', 'x|'),
	('x\z\n', NULL),
	('a$\nb', NULL),
	('(?m)a$\n^b', 'a|b'),
	-- escapes
	('a\x20b', 'a b'),
	('a\x{20}b|\x{1F600}', 'a b 😀'),
	('\uD83D\uDE00', '😀'),
	('a\040b', 'a b'),
	('a\0040b', 'a b'),
	('a\cIb', 'a>b'),
	('a\tb', 'a>b'),
	('a\Q.\Eb', 'a.b'),
	('\Q{x}\E', '{x}'),
	('a[\Q-]\E]b', 'a-b a]b'),
	('\{x}', '{x}'),
	-- predefined sets
	('a\sb', 'a>b a|b a b'),
	('a\hb', 'a>b a b a_b'),
	('a\Hb', 'a|b a&b a,b a-b a.b a]b aab'),
	('a\vb', 'a|b'),
	('a\Wb', 'a>b a|b a b a&b a,b a-b a.b a]b a_b'),
	('\w\d', 'b1'),
	('\d', NULL),
	('\D', 'B a É é ſ ٣ Ⅷ 😀'),
	-- properties
	('\p{Alpha}', 'B a'),
	('\p{Lower}', 'B a'),
	('(?-i)\p{Lower}', 'a'),
	('\pL', 'B a É é ſ'),
	('\p{Lu}', 'B a É é ſ'),
	('(?-i)\p{Lu}', 'B É'),
	('\P{L}', '٣ Ⅷ 😀'),
	('\p{IsAlphabetic}', 'B a É é ſ Ⅷ'),
	('(?-i)\p{javaLowerCase}', 'a é ſ'),
	('\p{gc=Nd}', '٣'),
	('a\p{Punct}b', 'a&b a,b a-b a.b a]b'),
	('a\p{javaWhitespace}b', 'a>b a|b a b'),
	-- set expressions
	('[a-z&&[^bc]].', 'ab'),
	('a[\W&&[^\s]]b', 'a&b a,b a-b a.b a]b a_b'),
	('a[-&]b', 'a&b a-b'),
	('a[]-]b', 'a-b a]b'),
	('a[[b],[-]]b', 'a,b a-b'),
	('a[^[b],[-]]b', 'a>b a|b a b a&b a.b a]b aab a_b'),
	('[a&&b]', NULL),
	('[^a&&\w]', 'B É é ſ ٣ Ⅷ 😀'),
	-- groups, quantifiers, comments
	('(?-i)(ab)\1', 'abab'),
	('(?-i)(?<x>ab)\k<x>', 'abab'),
	('a{2}b|(?:ab){2,}', 'aab abab'),
	('a*+ab', NULL),
	('(?>a|ab)b', 'ab'),
	('a(?=.b)\W.', 'a>b a b a&b a,b a-b a.b a]b a_b'),
	('a.(?<!\W)b', 'aab'),
	(E'(?x) a \\  b # comment\n', 'a b'),
	('(?x: a \p{Punct} )b', 'a&b a,b a-b a.b a]b'),
	('a\b.\bb', 'a>b a b a&b a,b a-b a.b a]b a_b'),
	-- what is wrong in Java, too
	('a(', 'error: invalid regular expression ... at character 10: unclosed group'),
	('(a', 'error: invalid regular expression ... at character 10: unclosed group'),
	('*', 'error: invalid regular expression ... at character 7: nothing to repeat before *'),
	('a{1', 'error: invalid regular expression ... at character 10: unclosed repetition'),
	('a{2,1}', 'error: invalid regular expression ... at character 12: illegal repetition range'),
	('a{x}', 'error: invalid regular expression ... at character 9: illegal repetition'),
	('[a', 'error: invalid regular expression ... at character 10: unclosed character class'),
	('[b-a]', 'error: invalid regular expression ... at character 11: illegal character range'),
	('\y', 'error: invalid regular expression ... at character 8: illegal or unsupported escape sequence'),
	('\08', 'error: invalid regular expression ... at character 9: illegal octal escape sequence'),
	('\x6', 'error: invalid regular expression ... at character 10: illegal hexadecimal escape sequence'),
	('(?-i)\2(a)', 'error: invalid regular expression ... at character 14: there is no such group before this back reference'),
	('(?P<n>a)', 'error: invalid regular expression ... at character 9: unknown inline modifier'),
	('(?<n>a)(?<n>b)', 'error: invalid regular expression ... at character 19: a group of this name is already there'),
	-- what cannot be reproduced
	('\X', 'error: regular expression ... uses \X, which is not supported'),
	('\b{g}', 'error: regular expression ... uses \b{g}, which is not supported'),
	('\N{DIGIT ONE}', 'error: regular expression ... uses \N, which is not supported'),
	('\G', 'error: regular expression ... uses \G, which is not supported'),
	('(?iu)a', 'error: regular expression ... uses the inline flag u, which is not supported'),
	('(?U)a', 'error: regular expression ... uses the inline flag U, which is not supported'),
	('(ab)\1', 'error: regular expression ... uses a back reference where case is ignored, which is not supported'),
	('\p{IsLatin}', 'error: regular expression ... uses \p{IsLatin}, which is not supported'),
	('\p{InGreek}', 'error: regular expression ... uses \p{InGreek}, which is not supported'),
	('[a&&]', 'error: regular expression ... uses && with nothing behind it, which is not supported'),
	('[a&&[a]&b]', 'error: regular expression ... uses characters after the brackets behind &&, which is not supported'),
	('{1}', 'error: regular expression ... uses { with nothing to repeat before it, which is not supported'),
	('a{70000}', 'error: cannot use regular expression ...: number too big in {} quantifier');
SET client_min_messages = error;
SELECT pattern, tables AS expected, matches(pattern) FROM r_expected
WHERE matches(pattern) IS DISTINCT FROM tables;
DROP TABLE r_expected;
DROP FUNCTION matches(text);
SET client_min_messages = warning;
DROP SCHEMA r CASCADE;
