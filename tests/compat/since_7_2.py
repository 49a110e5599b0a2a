"""What Redis 7.2 changed: differences from an oracle of 7.0 that are right. The version decides whether they are
asked for at all."""

# Commands and subcommands that 7.0 does not know.
NEW = {b"client no-touch", b"client setinfo"}


def right_reply(command: list[bytes]) -> bool:
    return b" ".join(word.lower() for word in command[:2]) in NEW


def as_before(effects: list[tuple]) -> list[tuple]:
    """Without what 7.0 notifies for writes too, and as it rewrites."""
    return [rewritten(effect) for effect in effects if effect[2] != b"keymiss"]


def rewritten(effect: tuple) -> tuple:
    """7.2 propagates SET with PXAT as it was given; 7.0 left its other options away."""
    words = [word.lower() for word in effect[5:]]
    if effect[0] == b"P" and effect[2].lower() == b"set" and b"pxat" in words:
        at = 5 + words.index(b"pxat")
        return (*effect[:2], b"SET", *effect[3:5], b"PXAT", effect[at + 1])
    return effect
