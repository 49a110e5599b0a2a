"""Random commands from templates and a seed.

A template is a command line: words as they are, {kind} for a generated argument, [a|b c] for nothing or one of the
alternatives, (a|b) for one of them, {kind}* for one to four. Now and then a command is spoiled, since errors are
compared too.
"""

import random
import time

KEYS = 24
BOUNDARIES = [0, 1, -1, 2, 9, 10, 44, 45, 100, 2**31 - 1, 2**31, -2**31, 2**63 - 1, -2**63, 2**63, -2**63 - 1]
FLOATS = ["0", "1", "-1", "1.5", "-0.25", "3.0e3", "1e-5", "5.0", "inf", "-inf", "nan", "1e400", "abc", " 1", "1 ",
          "0x10", "00.5", "1e17", "123456789.123456789", "-0"]
JUNK = [b"", b"abc", b"NX", b"XX", b"GET", b"-1", b"0", b"99999999999999999999", b"\x00\xff\r\n", b"EX", b"LIMIT", b"*"]
PATTERNS = ["*", "key:?", "key:1*", "key:[0-9]", "key:[^1]?", "[a-z]*", "\\*", "nothing", "k*y:*", "**", "key:{*"]
# A made-up cursor means something else in another table; SPOP without its count takes by chance; Redis stops checking
# a client's name at a NUL; XADD makes ids from the clock, and XREAD has `+` since Redis 7.4.
UNSPOILT = {b"scan", b"sscan", b"hscan", b"zscan", b"spop", b"client", b"xadd", b"xread"}
OFFSETS = [0, 1, -1, 3, -3, 10, -10, 100, -100, 5000, 2**31, -2**31, 2**63 - 1, -2**63]


def is_unspoilt_key(word: bytes) -> bool:
    """Ranges of members mean something only while all scores are equal."""
    return word.startswith(b"lex:")


class Arguments:
    """Generated arguments by kind."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)
        self.stream_ms = 100

    def make(self, kind: str) -> bytes:
        return getattr(self, "_" + kind)()

    def _text(self, value) -> bytes:
        return str(value).encode()

    def _key(self) -> bytes:
        return b"key:%d" % self.random.randrange(KEYS)

    def _value(self) -> bytes:
        choice = self.random.randrange(10)
        if choice < 4:
            return self._integer()
        if choice == 4:
            return self._float()
        if choice < 8:
            return bytes(self.random.choices(b"abcdefgh", k=self.random.choice([0, 1, 5, 43, 44, 45, 63, 64, 200])))
        if choice == 8:
            return self.random.randbytes(self.random.choice([1, 16, 255, 300]))
        return b"v" * self.random.choice([1000, 1023, 1024, 1025, 4000, 40000])

    def _integer(self) -> bytes:
        if self.random.random() < 0.2:
            return self._text(self.random.choice(BOUNDARIES))
        return self._text(self.random.randrange(-1000, 1000))

    def _float(self) -> bytes:
        if self.random.random() < 0.5:
            return self.random.choice(FLOATS).encode()
        return b"%.*f" % (self.random.randrange(6), self.random.uniform(-1000, 1000))

    def _bit_offset(self) -> bytes:
        if self.random.random() < 0.05:
            return self.random.choice([b"-1", b"4294967296", b"9223372036854775808", b"x"])
        return self._text(self.random.choice([self.random.randrange(40), self.random.randrange(20_000)]))

    def _field_type(self) -> bytes:
        if self.random.random() < 0.04:
            return self.random.choice([b"u64", b"i65", b"i0", b"u", b"x8", b"U8", b""])
        return self.random.choice(["i%d", "u%d"]).encode() % self.random.choice([1, 2, 7, 8, 9, 16, 31, 32, 33, 62, 63])

    def _field_value(self) -> bytes:
        # Far below a signed field, Redis's check overflows itself and OVERFLOW SAT takes the greatest value.
        boundaries = [0, 1, -1, 255, -128, 2**31, -2**31, 2**62 - 1, -2**62, 2**63 - 1, 2**63, "x"]
        return self._text(self.random.choice([self.random.choice(boundaries), self.random.randrange(-1000, 1000)]))

    def _field_offset(self) -> bytes:
        if self.random.random() < 0.03:
            return self.random.choice([b"-1", b"#-1", b"4294967296", b"#", b"##1"])
        return self.random.choice([b"", b"#"]) + self._text(self.random.randrange(300))

    def _offset(self) -> bytes:
        return self._text(self.random.choice(OFFSETS))

    def _small_offset(self) -> bytes:
        return self._text(self.random.choice([0, 1, 5, 44, 45, 100, 1100, -1, 2**32]))

    def _seconds(self) -> bytes:
        return self._text(self.random.choice([1000, 5000, 100000, 1000, 5000, 0, -1, 2**62, "x"]))

    def _milliseconds(self) -> bytes:
        return self._text(self.random.choice([1000000, 5000000, 1000000, 5000000, 0, -1, 2**63 - 1, "x"]))

    # Absolute times stay clear of the relative ones: GT and LT would compare times that differ by the servers' delay.
    def _deadline_s(self) -> bytes:
        return self._text(self.random.choice([int(time.time()) + 7000, int(time.time()) + 300000, 1, 0, -5, 2**62]))

    def _deadline_ms(self) -> bytes:
        now_ms = int(time.time() * 1000)
        return self._text(self.random.choice([now_ms + 7000000, now_ms + 300000000, 1, 0, -5, 2**63 - 1]))

    def _pattern(self) -> bytes:
        return self.random.choice(PATTERNS).encode()

    def _database(self) -> bytes:
        return self._text(self.random.choice([0, 0, 0, 0, 1, 1, 2, 15, 16, -1, "x"]))

    def _two_databases(self) -> bytes:
        return self._text(self.random.choice([0, 1]))

    def _sketchkey(self) -> bytes:
        return self._key() if self.random.random() < 0.02 else b"sketch:%d" % self.random.randrange(5)

    def _lkey(self) -> bytes:
        return self._key() if self.random.random() < 0.02 else b"list:%d" % self.random.randrange(5)

    def _element(self) -> bytes:
        choice = self.random.randrange(12)
        if choice == 0:
            return self._integer()
        if choice == 1:
            return bytes(self.random.choices(b"abc", k=self.random.choice([0, 63, 64, 300, 1000, 5000])))
        return b"%c%d" % (self.random.choice(b"abc"), self.random.randrange(10))

    # Redis takes LSET's index for an int, whatever it is: no number that is another one then.
    def _lindex(self) -> bytes:
        return self._text(self.random.choice([self.random.randrange(-12, 12), 100, -100, 10**6, "x"]))

    def _setkey(self) -> bytes:
        return self._key() if self.random.random() < 0.02 else b"set:%d" % self.random.randrange(5)

    def _hashkey(self) -> bytes:
        return self._key() if self.random.random() < 0.02 else b"hash:%d" % self.random.randrange(4)

    def _zkey(self) -> bytes:
        return self._key() if self.random.random() < 0.02 else b"zset:%d" % self.random.randrange(6)

    def _zsource(self) -> bytes:
        return self._zkey() if self.random.random() < 0.8 else b"zmembers:%d" % self.random.randrange(3)

    def _streamkey(self) -> bytes:
        return self._key() if self.random.random() < 0.02 else b"stream:%d" % self.random.randrange(3)

    # One that comes after those before, nearly always.
    def _newid(self) -> bytes:
        self.stream_ms += self.random.choice([0, 0, 1, 1, 7])
        return b"%d-*" % self.stream_ms

    def _streamid(self) -> bytes:
        if self.random.random() < 0.04:
            return self.random.choice([b"0-0", b"-", b"1-", b"x", b"18446744073709551615-18446744073709551615",
                                       b"18446744073709551616", b"5-*", b"$", b">"])
        ms = max(0, self.stream_ms - self.random.randrange(60))
        return b"%d" % ms if self.random.random() < 0.1 else b"%d-%d" % (ms, self.random.choice([0, 0, 1, 2]))

    def _streambound(self) -> bytes:
        choice = self.random.randrange(8)
        if choice < 4:
            return [b"-", b"+", b"-", b"+"][choice]
        return self.random.choice([b"", b"("]) + self._streamid()

    def _group(self) -> bytes:
        return b"group:%d" % self.random.randrange(2)

    def _consumer(self) -> bytes:
        return b"consumer:%d" % self.random.randrange(3)

    def _digest(self) -> bytes:
        # Of "", "a", "0", "1"; and what is none.
        return self.random.choice([b"2d06800538d394c2", b"E6C632B61E964E1F", b"0" * 16, b"x", b"g" * 16, b"0" * 15])

    def _short(self) -> bytes:
        return self.random.choice([b"", b"a", b"0", b"1", b"b" * 70, b"\xff\x00"])

    def _geokey(self) -> bytes:
        return b"geo:%d" % self.random.randrange(3)

    def _longitude(self) -> bytes:
        choice = self.random.randrange(20)
        if choice == 0:
            return self.random.choice([b"180", b"-180", b"180.1", b"x", b"0"])
        return b"%.6f" % (self.random.uniform(-180, 180) if choice < 6 else self.random.gauss(13, 1))

    def _latitude(self) -> bytes:
        choice = self.random.randrange(20)
        if choice == 0:
            return self.random.choice([b"85.05112878", b"-85.05112878", b"85.1", b"x", b"0"])
        return b"%.6f" % (self.random.uniform(-85, 85) if choice < 6 else self.random.gauss(38, 1))

    def _length(self) -> bytes:
        choice = self.random.randrange(20)
        if choice == 0:
            return self.random.choice([b"0", b"-1", b"inf", b"1e300", b"x", b"1e-300"])
        return b"%.3f" % (10 ** self.random.uniform(-1, 4.5))

    def _lexkey(self) -> bytes:
        return b"lex:%d" % self.random.randrange(3)

    def _member(self) -> bytes:
        choice = self.random.randrange(400)
        if choice == 0:
            return b"long" * 16 + b"%d" % self.random.randrange(10)
        if choice < 100:
            return self._text(self.random.randrange(-5, 40))
        return b"%c%d" % (self.random.choice(b"abcXYZ\x00\xff"), self.random.randrange(12))

    def _score(self) -> bytes:
        if self.random.random() < 0.2:
            return self._float()
        return self._text(self.random.choice([self.random.randrange(-20, 20), self.random.randrange(100) / 8]))

    def _weight(self) -> bytes:
        return self.random.choice([b"1", b"2", b"-1", b"0", b"0.5", b"inf", b"-inf", b"1e308", b"nan"])

    def _bound(self) -> bytes:
        text = self.random.choice([self._score(), self._score(), b"-inf", b"+inf", b"", b"inf"])
        return b"(" + text if self.random.random() < 0.3 else text

    def _lexbound(self) -> bytes:
        choice = self.random.randrange(12)
        if choice < 4:
            return [b"-", b"+", b"-", b"+"][choice]
        if choice == 4:
            return self.random.choice([b"a", b"", b"+a", b"[", b"("])
        return self.random.choice([b"[", b"("]) + self._member()

    def _rank(self) -> bytes:
        if self.random.random() < 0.1:
            return self._offset()
        return self._text(self.random.randrange(-12, 12))

    def _count(self) -> bytes:
        return self._text(self.random.choice([0, 1, 2, 3, 10, 100, 1, 2, 3, -1, "x"]))

    def _type(self) -> bytes:
        return self.random.choice([b"string", b"list", b"STRING", b"zset", b"nothing"])


class Grammar:
    def __init__(self, templates: list[str], seed: int):
        self._arguments = Arguments(seed)
        self._random = self._arguments.random
        self._templates = []
        for template in templates:
            weight, _, line = template.partition(" ")
            self._templates += [parse(line)] * int(weight)

    def command(self) -> list[bytes]:
        words: list[bytes] = []
        self._expand(self._random.choice(self._templates), words)
        if self._random.random() < 0.04 and words[0] not in UNSPOILT and not any(map(is_unspoilt_key, words)):
            self._spoil(words)
        if self._random.random() < 0.1:
            words[0] = words[0].swapcase()
        return words

    def commands_with_deadline(self, deadline_ms: int) -> list[list[bytes]]:
        text = b"%d" % deadline_ms
        commands = [[b"pexpireat", self._arguments.make("key"), text] for _ in range(3)]
        return [*commands, [b"set", self._arguments.make("key"), self._arguments.make("value"), b"pxat", text]]

    def _expand(self, sequence: list, words: list[bytes]) -> None:
        for kind, content in sequence:
            if kind == "word":
                words.append(content.encode())
            elif kind == "argument":
                words.append(self._arguments.make(content))
            elif kind == "many":
                words += [self._arguments.make(content) for _ in range(self._random.randrange(1, 5))]
            elif kind == "one" or self._random.random() < 0.4:
                self._expand(self._random.choice(content), words)

    def _spoil(self, words: list[bytes]) -> None:
        choice = self._random.randrange(4)
        if choice == 0 and len(words) > 1:
            words.pop()
        elif choice == 1:
            words.append(self._random.choice(JUNK))
        elif choice == 2 and len(words) > 1:
            words[self._random.randrange(1, len(words))] = self._random.choice(JUNK)
        elif len(words) > 2:
            words.append(words[self._random.randrange(1, len(words))])


def parse(line: str) -> list:
    """A sequence of ("word", text), ("argument", kind), ("many", kind), ("one" or "maybe", [sequences])."""
    for bracket in "[]()|":
        line = line.replace(bracket, f" {bracket} ")
    sequence, rest = parse_sequence(line.split())
    assert not rest, line
    return sequence


def parse_sequence(words: list[str]) -> tuple[list, list[str]]:
    sequence = []
    while words and words[0] not in "])|":
        word, words = words[0], words[1:]
        if word in "([":
            alternatives, words = parse_alternatives(words)
            sequence.append(("one" if word == "(" else "maybe", alternatives))
        elif word.startswith("{"):
            many = word.endswith("*")
            sequence.append(("many" if many else "argument", word.strip("{}*")))
        else:
            sequence.append(("word", word))
    return sequence, words


def parse_alternatives(words: list[str]) -> tuple[list, list[str]]:
    alternatives = []
    while True:
        sequence, words = parse_sequence(words)
        alternatives.append(sequence)
        closing, words = words[0], words[1:]
        if closing in "])":
            return alternatives, words
