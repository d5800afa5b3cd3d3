"""Keys: their ids, what verifies, and which points protect nothing."""

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from protocols.encoding import b64url, from_b64url
from protocols.errors import BadSignature, Malformed
from protocols.keys import PrivateKey, PublicKey, Purpose, check_purpose
from tests.protocols.factories import flip, key, seed, vectors

FIELD = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, FIELD) % FIELD
ORDER_EIGHT = [
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
]
RFC8037 = vectors("rfc8037")
SIGNING_PURPOSES = [purpose for purpose in Purpose if purpose is not Purpose.SEALING]


def test_the_key_of_rfc_8037_has_its_public_half_and_thumbprint() -> None:
    vector = RFC8037["ed25519"]
    private = PrivateKey(Purpose.ACCESS, from_b64url(vector["private_key"]["d"], "d"))
    assert b64url(private.public.raw) == vector["public_key"]["x"]
    assert private.public.kid == vector["thumbprint"]


def test_the_key_of_rfc_8037_signs_and_verifies_as_there() -> None:
    vector = RFC8037["ed25519"]
    private = PrivateKey(Purpose.ACCESS, from_b64url(vector["private_key"]["d"], "d"))
    text = vector["signing_input"].encode()
    assert b64url(private.sign(text)) == vector["signature"]
    private.public.verify(from_b64url(vector["signature"], "signature"), text)


def test_the_sealing_key_of_rfc_8037_agrees_as_there() -> None:
    vector = RFC8037["x25519"]
    private = PrivateKey(Purpose.SEALING, bytes.fromhex(vector["recipient_private"]))
    assert b64url(private.public.raw) == vector["recipient_public_key"]["x"]
    theirs = from_b64url(vector["ephemeral_public_key"]["x"], "epk")
    shared = X25519PrivateKey.from_private_bytes(private.seed).exchange(
        X25519PublicKey.from_public_bytes(theirs)
    )
    assert shared.hex() == vector["shared_secret"]


@pytest.mark.parametrize("purpose", Purpose)
def test_a_jwk_has_the_same_key_id_as_ours(purpose: Purpose) -> None:
    private = key("alder", purpose)
    assert private.jwk.thumbprint() == private.public.kid == private.public.jwk.thumbprint()
    assert private.jwk.curve_name == private.public.curve


@given(bit=st.integers(0, 64 * 8 - 1), purpose=st.sampled_from(SIGNING_PURPOSES))
def test_a_flipped_bit_in_a_signature_is_refused(bit: int, purpose: Purpose) -> None:
    private = key("alder", purpose)
    with pytest.raises(BadSignature):
        private.public.verify(flip(private.sign(b"text"), bit), b"text")


@given(text=st.binary(min_size=1, max_size=200), data=st.data())
def test_a_flipped_bit_in_what_is_signed_is_refused(text: bytes, data: st.DataObject) -> None:
    private = key("alder", Purpose.LOG)
    changed = flip(text, data.draw(st.integers(0, len(text) * 8 - 1)))
    with pytest.raises(BadSignature):
        private.public.verify(private.sign(text), changed)


@pytest.mark.parametrize("length", [0, 1, 63, 65, 128])
def test_a_signature_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(BadSignature):
        key("alder", Purpose.LOG).public.verify(bytes(length), b"text")


def test_a_second_signature_made_from_the_first_is_refused() -> None:
    """RFC 8032 section 5.1.7: S stands below the order, so no signature has a twin."""
    private = key("alder", Purpose.LOG)
    signature = private.sign(b"text")
    twin = int.from_bytes(signature[32:], "little") + ORDER
    with pytest.raises(BadSignature):
        private.public.verify(signature[:32] + twin.to_bytes(32, "little"), b"text")


@pytest.mark.parametrize("length", [0, 31, 33, 64])
@pytest.mark.parametrize("kind", [PublicKey, PrivateKey])
def test_a_key_of_another_length_is_refused(
    kind: type[PublicKey] | type[PrivateKey], length: int
) -> None:
    with pytest.raises(Malformed, match="instead of 32"):
        kind(Purpose.LOG, bytes(range(length)))


def edwards_points_of_small_order() -> set[tuple[int, int]]:
    """The eight points of the curve that eight times themselves bring to (0, 1)."""

    def plus(one: tuple[int, int], two: tuple[int, int]) -> tuple[int, int]:
        (x1, y1), (x2, y2) = one, two
        k = D * x1 * x2 * y1 * y2 % FIELD
        x = (x1 * y2 + x2 * y1) * pow(1 + k, -1, FIELD) % FIELD
        return x, (y1 * y2 + x1 * x2) * pow(1 - k, -1, FIELD) % FIELD

    def point(y: int) -> tuple[int, int] | None:
        square = (y * y - 1) * pow(D * y * y + 1, -1, FIELD) % FIELD
        x = pow(square, (FIELD + 3) // 8, FIELD)
        for root in (x, x * pow(2, (FIELD - 1) // 4, FIELD) % FIELD):
            if root * root % FIELD == square:
                return root, y
        return None

    # The order of the group is eight times ORDER: ORDER times any point has a small order.
    found = {(0, 1)}
    for y in range(2, 40):
        if start := point(y):
            total, power, left = (0, 1), start, ORDER
            while left:
                if left & 1:
                    total = plus(total, power)
                power, left = plus(power, power), left >> 1
            found |= {total, plus(total, total), plus(plus(total, total), total)}
    return found | {plus(one, two) for one in found for two in found}


def test_every_signing_key_of_small_order_is_refused() -> None:
    points = edwards_points_of_small_order()
    assert len(points) == 8
    for x, y in points:
        for spelling in (y, y + FIELD):
            if spelling < 2**255:
                raw = (spelling | (x & 1) << 255).to_bytes(32, "little")
                with pytest.raises(Malformed, match="small order"):
                    PublicKey(Purpose.SIGNING, raw)


def test_every_sealing_key_that_the_curve_itself_refuses_is_refused() -> None:
    """The low-order points of Curve25519, and the other spellings of each."""
    points = [0, 1, FIELD - 1, FIELD, FIELD + 1]
    points += [int.from_bytes(bytes.fromhex(known), "little") for known in ORDER_EIGHT]
    scalar = X25519PrivateKey.from_private_bytes(seed("any"))
    for point in points:
        for unused_bit in (0, 1):
            raw = (point | unused_bit << 255).to_bytes(32, "little")
            with pytest.raises(ValueError, match="shared key"):
                scalar.exchange(X25519PublicKey.from_public_bytes(raw))
            with pytest.raises(Malformed, match="small order"):
                PublicKey(Purpose.SEALING, raw)


@given(st.binary(min_size=32, max_size=32), st.sampled_from(Purpose))
def test_a_drawn_key_is_never_of_small_order(drawn: bytes, purpose: Purpose) -> None:
    assert len(PrivateKey(purpose, drawn).public.raw) == 32


def test_a_sealing_key_neither_signs_nor_verifies() -> None:
    sealing = key("alder", Purpose.SEALING)
    with pytest.raises(TypeError):
        sealing.sign(b"text")
    with pytest.raises(TypeError):
        sealing.public.verify(bytes(64), b"text")


def test_a_key_is_not_taken_for_another_purpose() -> None:
    check_purpose(key("alder", Purpose.LOG), Purpose.LOG)
    with pytest.raises(TypeError, match="a log key where the access key belongs"):
        check_purpose(key("alder", Purpose.LOG), Purpose.ACCESS)


def test_a_private_key_does_not_print_its_seed() -> None:
    private = key("alder", Purpose.LOG)
    for shown in (repr(private), str(private), f"{[private]}"):
        assert private.public.kid in shown
        assert private.seed.hex() not in shown
        assert repr(private.seed)[2:10] not in shown
