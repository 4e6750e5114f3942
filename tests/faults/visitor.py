"""Somebody who has signed in over the API, as a browser's page or a program does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx

from leadflow.identity import service as identity
from models.vocabulary import Role
from tests.faults.crew import Crew
from tests.faults.field import Field
from tests.identity.people import PASSWORD

EMAIL = "olive@cedar.test"
PATIENCE_S = 30


@dataclass
class Visitor:
    """One session of one member.

    Attributes:
        address: of the API.
        access: the access token.
        refresh_token: what the next one is traded for.
    """

    address: str
    access: str = ""
    refresh_token: str = ""

    @classmethod
    def welcomed(cls, crew: Crew, field: Field, role: Role = Role.OWNER) -> Visitor:
        """Write a member down and sign in."""
        with field.world.db.begin(field.world.org) as uow:
            identity.add_member(uow, EMAIL, "Olive Owner", PASSWORD, role)
        made = cls(crew.public_url)
        answer = made.sign_in()
        assert answer.status_code == 200, answer.text
        made.keep(answer)
        return made

    def sign_in(self) -> httpx.Response:
        """Type address and password; the answer is not kept."""
        typed = {"email": EMAIL, "password": PASSWORD, "tokens": True}
        return self.post("/api/v1/auth/login", typed)

    def keep(self, answer: httpx.Response) -> None:
        """Go on with the tokens of an answer."""
        told: dict[str, Any] = answer.json()
        self.access, self.refresh_token = told["access_token"], told["refresh_token"]

    def get(self, path: str) -> httpx.Response:
        """Ask for something."""
        return httpx.get(f"{self.address}{path}", headers=self.headers(), timeout=PATIENCE_S)

    def post(self, path: str, given: dict[str, Any]) -> httpx.Response:
        """Post something without saying who we are, as our own page does."""
        ours = {"X-LF-Request": "1", "Origin": self.address}
        return httpx.post(f"{self.address}{path}", json=given, headers=ours, timeout=PATIENCE_S)

    def headers(self, **more: str) -> dict[str, str]:
        """Say who asks."""
        return {"Authorization": f"Bearer {self.access}", **more}

    def still_in(self) -> list[str]:
        """Try whether the session lives, can be renewed, and a new one can be begun; name what cannot."""
        wrong: list[str] = []
        if (seen := self.get("/api/v1/me")).status_code != 200:
            wrong.append(f"the session was refused: {seen.status_code}")
        given = {"refresh_token": self.refresh_token}
        renewed = self.post("/api/v1/auth/refresh", given)
        if renewed.status_code == 200:
            self.keep(renewed)
        else:
            wrong.append(f"the session was not renewed: {renewed.status_code}")
        if (again := self.sign_in()).status_code != 200:
            wrong.append(f"nobody could sign in: {again.status_code}")
        return wrong
