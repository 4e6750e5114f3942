"""What a command line gives, checked by the same models as what comes over HTTP."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from leadflow.kernel.errors import Invalid

Model = TypeVar("Model", bound=BaseModel)


def checked(model: type[Model], given: dict[str, Any]) -> Model:
    """Read ``given`` as ``model``.

    Raises:
        Invalid: a member makes no sense; names the first.
    """
    try:
        return model.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise Invalid(f"{name}: {first['msg'].removeprefix('Value error, ')}", name or None) from error
