"""Sealed is sealed: only the right key in the right place opens."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.vault import Unsealable, Vault, parse_key

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
PLACE = "tg_session:101"
VAULT = Vault([NEW])


@given(st.text(), st.text(max_size=40))
def test_what_was_sealed_opens(text: str, context: str) -> None:
    assert VAULT.open(VAULT.seal(text, context), context) == text


def test_the_form_names_the_key_and_hides_the_text() -> None:
    version, name, body = VAULT.seal("jwt.of.ada", PLACE).split(".")
    assert (version, name) == ("v1", hashlib.sha256(NEW).hexdigest()[:8])
    assert b"ada" not in base64.urlsafe_b64decode(body + "===")


def test_equal_texts_look_different() -> None:
    assert VAULT.seal("a", PLACE) != VAULT.seal("a", PLACE)


def test_a_value_copied_to_another_person_stays_shut() -> None:
    sealed = VAULT.seal("jwt", PLACE)
    with pytest.raises(Unsealable):
        VAULT.open(sealed, "tg_session:102")


def test_a_rotated_key_still_reads_and_the_newest_writes() -> None:
    sealed = Vault([OLD]).seal("jwt", PLACE)
    both = Vault([NEW, OLD])
    assert both.open(sealed, PLACE) == "jwt"
    assert both.seal("jwt", PLACE).split(".")[1] == VAULT.seal("jwt", PLACE).split(".")[1]
    with pytest.raises(Unsealable):
        VAULT.open(sealed, PLACE)


@given(st.data())
def test_a_changed_character_opens_nothing(data: st.DataObject) -> None:
    sealed = VAULT.seal("jwt.of.ada", PLACE)
    at = data.draw(st.integers(0, len(sealed) - 2))
    char = data.draw(st.characters(codec="utf-8").filter(lambda one: one != sealed[at]))
    with pytest.raises(Unsealable):
        VAULT.open(sealed[:at] + char + sealed[at + 1 :], PLACE)


@given(st.text())
def test_any_other_text_opens_nothing(text: str) -> None:
    with pytest.raises(Unsealable):
        VAULT.open(text, PLACE)


@pytest.mark.parametrize(
    "text",
    [
        NEW.hex(),
        NEW.hex().upper(),
        base64.b64encode(NEW).decode(),
        base64.urlsafe_b64encode(NEW).decode().rstrip("="),
    ],
)
def test_keys_are_read_in_every_common_spelling(text: str) -> None:
    assert parse_key(f" {text}\n") == NEW


@pytest.mark.parametrize("text", ["", "short", "zz" * 32, base64.b64encode(NEW[:31]).decode(), "қ" * 44])
def test_a_wrong_key_is_refused_without_being_quoted(text: str) -> None:
    with pytest.raises(ValueError, match="32 bytes") as caught:
        parse_key(text)
    assert not text or text not in str(caught.value)


def test_a_vault_needs_a_key() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Vault([])


def test_without_keys_the_bot_token_makes_one() -> None:
    sealed = Vault.of([], "1:token").seal("jwt", PLACE)
    assert Vault.of([], "1:token").open(sealed, PLACE) == "jwt"
    with pytest.raises(Unsealable):
        Vault.of([], "2:token").open(sealed, PLACE)
    assert Vault.of([NEW.hex()], "1:token").open(VAULT.seal("jwt", PLACE), PLACE) == "jwt"


def test_signing_secrets_differ_by_purpose_and_key() -> None:
    secrets = {VAULT.hmac_secret("a"), VAULT.hmac_secret("b"), Vault([OLD]).hmac_secret("a"), NEW}
    assert len(secrets) == 4
    assert VAULT.hmac_secret("a") == Vault([NEW, OLD]).hmac_secret("a")
