"""Use cases of campaigns: draft, edit, simulate, submit, approve, launch, plan, pause, resume, cancel, finish."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import batched
from typing import Any
from uuid import UUID

from leadflow.audit import service as audit
from leadflow.campaigns import queries
from leadflow.campaigns.errors import Incomplete, NotThere, SamePerson
from leadflow.campaigns.rules import (
    DEFAULT_LIFETIME,
    EDITABLE,
    LOOK_AGAIN,
    MERGE_FIELDS,
    PLAN_CHUNK,
    content_hash,
    incomplete,
    may_launch,
    needs_second_person,
    spread,
)
from leadflow.campaigns.types import (
    Bar,
    CampaignInput,
    LaunchFacts,
    Plan,
    Preview,
    Progress,
    RecipientRow,
    SimulationResult,
)
from leadflow.compliance import service as compliance
from leadflow.compliance.types import Ask, Decision, Recipient
from leadflow.costs import service as costs
from leadflow.identity.rules import mask_phone, require
from leadflow.identity.types import Principal
from leadflow.jobs import service as jobs
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.errors import Conflict, NotFound
from leadflow.leads import service as leads
from leadflow.messaging import service as messaging
from leadflow.messaging.errors import UnresolvedField
from leadflow.messaging.rules.segments import quote
from leadflow.messaging.rules.templates import names, render
from leadflow.messaging.types import Draft
from models.campaigns import Approval, Campaign, CampaignStep, Simulation
from models.vocabulary import BudgetSubject, CampaignState, JobKind, Permission, Purpose, Verdict
