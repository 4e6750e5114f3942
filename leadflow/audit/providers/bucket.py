"""Keeps anchors in a bucket that speaks S3, each object locked for its time (S3 Object Lock, mode COMPLIANCE)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from leadflow.audit.types import Bucket
from leadflow.kernel.errors import Conflict, Transient

TIMEOUT_S = 10
TRIES = 3
_TAKEN = 412
"""Precondition failed: the object is there (RFC 9110, 15.5.13)."""


class Store:
    """One bucket; a folder an organisation.

    Args:
        bucket: which, and for how long.
    """

    def __init__(self, bucket: Bucket) -> None:
        # Imported here: half a second that only an installation with a bucket pays.
        import boto3  # noqa: PLC0415 # pyright: ignore[reportMissingTypeStubs]
        from botocore.config import Config  # noqa: PLC0415 # pyright: ignore[reportMissingTypeStubs]

        self.bucket = bucket
        self.client: Any = cast("Any", boto3).client(
            "s3",
            endpoint_url=bucket.endpoint or None,
            region_name=bucket.region,
            config=Config(
                connect_timeout=TIMEOUT_S,
                read_timeout=TIMEOUT_S,
                retries={"total_max_attempts": TRIES},
                s3={"addressing_style": "path" if bucket.endpoint else "auto"},
            ),
        )

    def put(self, org_id: UUID, name: str, content: bytes, now: datetime) -> None:
        """Write an object that nobody can change or remove before its time.

        Raises:
            Transient: the bucket does not answer, or refuses.
            Conflict: there is another object of this name: the bucket holds a record that is not ours.
        """
        try:
            self._call(
                "put_object",
                Key=_key(org_id, name),
                Body=content,
                ContentType="application/jsonl",
                IfNoneMatch="*",
                ChecksumAlgorithm="SHA256",
                ObjectLockMode="COMPLIANCE",
                ObjectLockRetainUntilDate=now + self.bucket.kept,
            )
        except _Taken as error:
            # An answer that was lost: then it is our own object, word for word.
            if self.get(org_id, name) != content:
                raise Conflict("The bucket of anchors holds another record under this name.") from error

    def get(self, org_id: UUID, name: str) -> bytes:
        """Read an object.

        Raises:
            Transient: the bucket does not answer, or refuses.
        """
        return self._call("get_object", Key=_key(org_id, name))["Body"].read()

    def names(self, org_id: UUID) -> Iterator[str]:
        """List an organisation's objects, oldest first.

        Raises:
            Transient: the bucket does not answer, or refuses.
        """
        prefix, more = f"{org_id}/", {}
        while True:
            page = self._call("list_objects_v2", Prefix=prefix, **more)
            for entry in page.get("Contents", ()):
                yield str(entry["Key"]).removeprefix(prefix).removesuffix(".jsonl")
            if not page.get("IsTruncated"):
                return
            more = {"ContinuationToken": page["NextContinuationToken"]}

    def _call(self, act: str, **given: Any) -> Any:  # noqa: ANN401 the library has no types
        from botocore.exceptions import (  # noqa: PLC0415 # pyright: ignore[reportMissingTypeStubs] as above
            BotoCoreError,
            ClientError,
        )

        try:
            return getattr(self.client, act)(Bucket=self.bucket.name, **given)
        except ClientError as error:
            answer: dict[str, Any] = cast("dict[str, Any]", error.response)
            if answer["ResponseMetadata"]["HTTPStatusCode"] == _TAKEN:
                raise _Taken from error
            raise Transient(f"The bucket of anchors refuses: {answer['Error']['Code']}.") from error
        except BotoCoreError as error:
            raise Transient(f"The bucket of anchors does not answer: {type(error).__name__}.") from error


class _Taken(Exception):
    """An object of this name is there already."""


def _key(org_id: UUID, name: str) -> str:
    return f"{org_id}/{name}.jsonl"
