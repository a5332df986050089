"""Recordings of Debezium (test/golden/README.md): their cases, and the masks for what differs from run to run."""
import hashlib
import json
import re
from pathlib import Path

STAMP = re.compile(r'"((?:\w+_)?ts_)(ms|us|ns)":(-?\d+)')
LSN = re.compile(r'"((?:\w+_)?lsn)":(\d+)')
TX = re.compile(r'"((?:\w+_)?txId)":(\d+)')
SEQUENCE = re.compile(r'"sequence":"\[(?:null|\\"(\d+)\\"),\\"(\d+)\\"\]"')
TRANSACTION = re.compile(r'"id":"(\d+):(\d+)"')
VERSION = re.compile(r'"version":"[^"]*"')
TOKEN = re.compile("\x00(\\w+):(\\d+)\x00")

MAX_TEXT = 16384
COARSER = {"ms": None, "us": "ms", "ns": "us"}


class Masker:
    """Puts tokens for numbers first; ranks are known when all texts were seen.

    Positions that are the end of a WAL record have ranks of their own, "commit": whether one equals the position of the
    next change depends on the server's background writes.
    """

    def __init__(self):
        self.seen = {"lsn": set(), "commit": set(), "tx": set()}

    def token(self, kind, number):
        self.seen[kind].add(int(number))
        return f"\x00{kind}:{number}\x00"

    def mask(self, text, position="lsn"):
        """`position` is the kind of the text's own position."""
        if text is None:
            return None
        stamps = {(prefix, unit, int(number)) for prefix, unit, number in STAMP.findall(text)}
        have = {stamp[:2] for stamp in stamps}

        def stamp(match):
            """Stamps of the same name are one instant in three units, or are marked."""
            prefix, unit, number = match[1], match[2], int(match[3])
            coarser = prefix, COARSER[unit]
            unrelated = coarser in have and (*coarser, number // 1000) not in stamps
            return f'"{prefix}{unit}":"<ts_{unit}{" unrelated" if unrelated else ""}>"'

        def sequence(match):
            commit = f'\\"{self.token("commit", match[1])}\\"' if match[1] else "null"
            return f'"sequence":"[{commit},\\"{self.token(position, match[2])}\\"]"'
        text = STAMP.sub(stamp, text)
        text = LSN.sub(lambda m: f'"{m[1]}":"{self.token(position, m[2])}"', text)
        text = TX.sub(lambda m: f'"{m[1]}":"{self.token("tx", m[2])}"', text)
        text = SEQUENCE.sub(sequence, text)
        text = TRANSACTION.sub(lambda m: f'"id":"{self.token("tx", m[1])}:{self.token(position, m[2])}"', text)
        return VERSION.sub('"version":"<version>"', text)

    def header(self, name, value):
        return "<runId>" if name == "__debezium.context.runId" else self.mask(value)

    def finish(self, text):
        ranks = {kind: {number: rank for rank, number in enumerate(sorted(numbers), 1)} for kind, numbers in self.seen.items()}
        return text and TOKEN.sub(lambda m: f"<{m[1]}:{ranks[m[1]][int(m[2])]}>", text)


def shorten(text):
    """A long text is cut in the middle, and carries its hash."""
    if text is None or len(text) <= MAX_TEXT:
        return text
    return f"{text[:600]}<{len(text)} characters, sha256 {hashlib.sha256(text.encode()).hexdigest()}>{text[-600:]}"


def normalise(topics):
    """{topic: [lines]} as they stand in a recording, of {topic: [(key, value, [(header, value), ...])]}."""
    def pairs(text):
        return {(m[1], m[2]) for m in TRANSACTION.finditer(text)}

    texts = [value or "" for records in topics.values() for _, value, _ in records]
    messages = {(tx[1], lsn[1]) for text in texts if '"op":"m"' in text for tx, lsn in zip(TX.findall(text), LSN.findall(text))}

    def position(value):
        at_end = '"op":"m"' in value or '"status":"END"' in value or '"status":"BEGIN"' in value and pairs(value) & messages
        return "commit" if at_end else "lsn"
    masker, masked = Masker(), {}
    for topic, records in topics.items():
        for key, value, headers in records:
            kind = position(value or "")
            masked.setdefault(topic, []).append((masker.mask(key, kind), masker.mask(value, kind),
                                                 [[name, masker.header(name, text)] for name, text in headers]))

    def finish(text):
        return shorten(masker.finish(text))
    return {topic: [json.dumps({"k": finish(key), "v": finish(value), "h": [[name, finish(text)] for name, text in headers]},
                               ensure_ascii=False, separators=(",", ":")) for key, value, headers in records]
            for topic, records in masked.items()}


def expected(case: Path):
    """{topic: [lines]} of a case: the recording, or what stands for it."""
    files = {path.stem: path for folder in (case / "expected", case) for path in sorted(folder.glob("*.jsonl"))}
    topics = {topic: path.read_text().split("\n")[:-1] for topic, path in files.items()}
    return {topic: lines for topic, lines in topics.items() if lines}
