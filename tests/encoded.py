"""How a text stands in base64, wherever it begins: for searches of files for what is secret."""

import base64


def in_base64(raw: bytes) -> list[bytes]:
    """What of these bytes stands in base64 at each of the three places at which they may begin.

    Each letter is of six bits. The letters that depend on what stands before and after are left
    out, and all others are there: a few letters alone stand in what is sealed by chance.
    """
    return [
        base64.b64encode(bytes(shift) + raw)[-(-8 * shift // 6) : 8 * (shift + len(raw)) // 6]
        for shift in range(3)
    ]
