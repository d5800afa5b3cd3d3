"""Numbers that name a person, told from other numbers by their own check digit or letter."""

# Of a unique pupil number: the remainder's letter, without I, O and S. Department for Education,
# "Unique pupil numbers: a guide for schools and local authorities".
_UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"


def is_nhs_number(digits: str) -> bool:
    """Whether ten digits are an NHS number: the last is a check on the others, modulo 11.

    NHS Data Dictionary, "NHS NUMBER".
    """
    total = sum(int(digit) * (10 - place) for place, digit in enumerate(digits[:9]))
    check = (11 - total % 11) % 11
    return check != 10 and check == int(digits[9])


def is_upn(text: str) -> bool:
    """Whether 13 characters, capital, are a unique pupil number, permanent or temporary."""
    last = text[12]
    values = [int(digit) for digit in text[1:12]]
    values.append(int(last) if last.isdigit() else _UPN_LETTERS.find(last))
    if values[-1] < 0:
        return False
    total = sum(value * weight for weight, value in enumerate(values, start=2))
    return _UPN_LETTERS[total % 23] == text[0]
