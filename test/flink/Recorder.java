/*
 * Recorder.java
 *
 * Asks Flink for the values of expressions: java Recorder.java INPUTS.json.
 * Reads lines "table <tab> expression", writes lines "table <tab> expression
 * <tab> type <tab> values", the values as a JSON array with one member for
 * each row of the table.  The values are the word "invalid" where Flink
 * refuses the expression, "error" where a row makes it fail.
 *
 * Many expressions are asked in one query, which is divided where it fails.
 */
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.Table;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.table.runtime.typeutils.ExternalTypeInfo;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.LogicalTypeRoot;
import org.apache.flink.table.types.logical.utils.LogicalTypeParser;
import org.apache.flink.table.types.utils.TypeConversions;
import org.apache.flink.types.Row;
import org.apache.flink.util.CloseableIterator;

public class Recorder {
	static final int TOGETHER = 40;
	static final ObjectMapper json = new ObjectMapper();
	static StreamTableEnvironment tables;
	static final Map<String, Integer> rowCounts = new HashMap<>();

	record Question(String table, String expression, String type) {}

	public static void main(String[] arguments) throws Exception {
		StreamExecutionEnvironment environment =
			StreamExecutionEnvironment.createLocalEnvironment(1, new Configuration());

		environment.setRuntimeMode(RuntimeExecutionMode.BATCH);
		tables = StreamTableEnvironment.create(environment);
		tables.getConfig().set("table.local-time-zone", "Europe/Berlin");
		tables.getConfig().set("restart-strategy.type", "none");
		createTables(environment, json.readTree(new File(arguments[0])));

		Map<String, List<Question>> questions = new TreeMap<>();
		BufferedReader input = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
		for (String line = input.readLine(); line != null; line = input.readLine()) {
			String[] parts = line.split("\t", 2);
			String type;

			try {
				Table query = tables.sqlQuery("SELECT " + parts[1] + " FROM " + parts[0]);
				type = query.getResolvedSchema().getColumnDataTypes().get(0)
					.getLogicalType().copy(true).asSummaryString();
			} catch (Exception e) {
				answer(new Question(parts[0], parts[1], ""), "invalid");
				if (System.getenv("VERBOSE") != null)
					System.err.println(parts[1] + ": " + root(e));
				continue;
			}
			questions.computeIfAbsent(parts[0], table -> new ArrayList<>())
				.add(new Question(parts[0], parts[1], type));
		}
		for (List<Question> list : questions.values())
			for (int i = 0; i < list.size(); i += TOGETHER)
				ask(list.subList(i, Math.min(list.size(), i + TOGETHER)));
		System.exit(0);
	}

	static void createTables(StreamExecutionEnvironment environment, JsonNode inputs) {
		for (Iterator<String> names = inputs.fieldNames(); names.hasNext();) {
			String name = names.next();
			List<DataTypes.Field> fields = new ArrayList<>();
			List<Row> rows = new ArrayList<>();

			for (JsonNode column : inputs.get(name).get("columns")) {
				LogicalType type = LogicalTypeParser.parse(column.get(1).asText(),
					Recorder.class.getClassLoader());
				fields.add(DataTypes.FIELD(column.get(0).asText(),
					TypeConversions.fromLogicalToDataType(type)));
			}
			DataType rowType = DataTypes.ROW(fields.toArray(new DataTypes.Field[0]));
			for (JsonNode row : inputs.get(name).get("rows")) {
				Row values = new Row(fields.size());
				for (int i = 0; i < fields.size(); i++)
					values.setField(i, value(row.get(i),
						rowType.getLogicalType().getChildren().get(i)));
				rows.add(values);
			}
			rowCounts.put(name, rows.size());
			tables.createTemporaryView(name, tables.fromDataStream(
				environment.fromCollection(rows, ExternalTypeInfo.of(rowType))));
		}
	}

	static Object value(JsonNode node, LogicalType type) {
		if (node == null || node.isNull())
			return null;
		String text = node.asText();
		switch (type.getTypeRoot()) {
			case BOOLEAN: return node.asBoolean();
			case TINYINT: return Byte.valueOf(text);
			case SMALLINT: return Short.valueOf(text);
			case INTEGER: return Integer.valueOf(text);
			case BIGINT: return Long.valueOf(text);
			case FLOAT: return Float.valueOf(text);
			case DOUBLE: return Double.valueOf(text);
			case DECIMAL: return new BigDecimal(text);
			case VARBINARY:
			case BINARY: return Base64.getDecoder().decode(text);
			case DATE: return LocalDate.parse(text);
			case TIME_WITHOUT_TIME_ZONE: return LocalTime.parse(text);
			case TIMESTAMP_WITHOUT_TIME_ZONE: return LocalDateTime.parse(text.replace(' ', 'T'));
			case TIMESTAMP_WITH_LOCAL_TIME_ZONE: return Instant.parse(text.replace(' ', 'T'));
			case ARRAY: {
				LogicalType element = type.getChildren().get(0);
				Object array = java.lang.reflect.Array.newInstance(
					TypeConversions.fromLogicalToDataType(element).getConversionClass(), node.size());
				for (int i = 0; i < node.size(); i++)
					java.lang.reflect.Array.set(array, i, value(node.get(i), element));
				return array;
			}
			case MAP: {
				Map<Object, Object> map = new TreeMap<>();
				for (Iterator<String> keys = node.fieldNames(); keys.hasNext();) {
					String key = keys.next();
					map.put(key, value(node.get(key), type.getChildren().get(1)));
				}
				return map;
			}
			case ROW: {
				Row row = new Row(type.getChildren().size());
				for (int i = 0; i < row.getArity(); i++)
					row.setField(i, value(node.get(i), type.getChildren().get(i)));
				return row;
			}
			default: return text;
		}
	}

	/* The answers of all questions, which are of one table. */
	static void ask(List<Question> questions) {
		StringBuilder query = new StringBuilder("SELECT ");
		List<List<Object>> answers = new ArrayList<>();

		for (int i = 0; i < questions.size(); i++) {
			query.append(i > 0 ? ", " : "").append(questions.get(i).expression)
				.append(" AS answer").append(i);
			answers.add(new ArrayList<>());
		}
		query.append(" FROM ").append(questions.get(0).table);
		try (CloseableIterator<Row> rows = tables.executeSql(query.toString()).collect()) {
			while (rows.hasNext()) {
				Row row = rows.next();
				for (int i = 0; i < questions.size(); i++)
					answers.get(i).add(plain(row.getField(i)));
			}
			if (answers.get(0).size() != rowCounts.get(questions.get(0).table))
				throw new IllegalStateException("rows are missing");
			for (int i = 0; i < questions.size(); i++)
				answer(questions.get(i), json.writeValueAsString(answers.get(i)));
		} catch (Exception e) {
			int half = questions.size() / 2;

			if (questions.size() > 1) {
				ask(questions.subList(0, half));
				ask(questions.subList(half, questions.size()));
				return;
			}
			if (System.getenv("VERBOSE") != null)
				System.err.println(questions.get(0).expression + ": " + root(e));
			answer(questions.get(0), "error");
		}
	}

	static Throwable root(Throwable e) {
		while (e.getCause() != null)
			e = e.getCause();
		return e;
	}

	static void answer(Question question, String values) {
		System.out.println(String.join("\t", question.table, question.expression,
			question.type, values));
	}

	/* A value as JSON has it: texts, arrays, NULL. */
	static Object plain(Object value) {
		if (value == null)
			return null;
		if (value instanceof byte[] bytes) {
			StringBuilder text = new StringBuilder("\\x");
			for (byte b : bytes)
				text.append(String.format("%02x", b));
			return text.toString();
		}
		if (value instanceof BigDecimal decimal)
			return decimal.toPlainString();
		if (value instanceof Row row) {
			List<Object> fields = new ArrayList<>();
			for (int i = 0; i < row.getArity(); i++)
				fields.add(plain(row.getField(i)));
			return fields;
		}
		if (value instanceof Map<?, ?> map) {
			TreeMap<String, Object> entries = new TreeMap<>();
			for (Map.Entry<?, ?> entry : map.entrySet())
				entries.put(String.valueOf(plain(entry.getKey())), plain(entry.getValue()));
			return entries;
		}
		if (value.getClass().isArray()) {
			List<Object> elements = new ArrayList<>();
			for (int i = 0; i < java.lang.reflect.Array.getLength(value); i++)
				elements.add(plain(java.lang.reflect.Array.get(value, i)));
			return elements;
		}
		return value.toString();
	}
}
