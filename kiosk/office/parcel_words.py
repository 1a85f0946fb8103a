"""What taking a 名单包, or going back from one, would change, in words: read before it is done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from kiosk.clock import moment
from kiosk.exchange.file_names import plain
from kiosk.exchange.school_parcel import SchoolWindow
from kiosk.office.account_lists import list_in_words
from kiosk.office.given_profile import Coming, ProfileChange
from kiosk.office.plan_words import PlanWords
from kiosk.office.school_parcels import BackPlan, SchoolPlan
from kiosk.records import Student
from kiosk.store import RosterChange, Window
from kiosk.words import say, say_list, say_message, say_moment

_MOST_NAMED: Final = 8


def school_in_words(language: str, plan: SchoolPlan) -> PlanWords:
    """The version, who signed it, and everything that changes."""
    head = plan.head
    school = " ".join(filter(None, map(plain, head.school)))
    told = {"version": head.version, "issued": moment(head.issued_at), "school": school, "students": plan.students}
    lines = [say(language, "plan.parcel.version", **told), say(language, "plan.parcel.office", fingerprint=plan.fingerprint)]
    if plan.before:
        lines.insert(1, say(language, "plan.parcel.before", before=plan.before))
    lines += _changes(language, plan.roster, plan.windows_new, plan.windows_gone, quiet=plan.deadline is not None)
    if plan.deadline is not None:
        before = moment(plan.deadline_before) or "—"
        lines.append(say(language, "plan.parcel.deadline", at=say_moment(language, plan.deadline), before=before))
    if plan.certificate is not None:
        lines.append(say(language, "plan.parcel.certificate", until=moment(plan.certificate.valid_until)))
    if plan.revocations is not None:
        lines.append(say(language, "plan.parcel.revocations", count=len(plan.revocations.revoked)))
    if plan.staff:
        lines.append(say(language, "plan.parcel.staff", count=len(plan.staff)))
    definition = _definition(language, plan.definition)
    lines += definition.lines
    accounts = list_in_words(language, plan.accounts) if plan.accounts is not None else PlanWords((), ())
    warnings = [say(language, "plan.parcel.first", fingerprint=plan.fingerprint)] if plan.first else []
    warnings += definition.warnings
    if plan.profile:
        warnings.append(say(language, "plan.parcel.profile", profile=plain(plan.profile)))
    if gone := plan.roster.gone:
        warnings.append(say(language, "plan.parcel.gone", names=_names(language, gone)))
    for code, students in (("corrected", plan.corrected), ("elsewhere", [one.after for one in plan.roster.elsewhere])):
        if students:
            warnings.append(say(language, f"plan.parcel.{code}", count=len(students), names=_names(language, students)))
    return PlanWords((*lines, *accounts.lines), (*warnings, *(accounts.warnings if not plan.first else ())))


def back_in_words(language: str, plan: BackPlan) -> PlanWords:
    """Which version, and what changes with it."""
    told = {"version": plan.then.version, "issued": moment(plan.then.at)}
    lines = [say(language, "plan.parcel.back", **told)]
    lines += _changes(language, plan.roster, plan.windows_new, plan.windows_gone)
    gone = (say(language, "plan.parcel.gone", names=_names(language, plan.roster.gone)),) if plan.roster.gone else ()
    definition = _definition(language, plan.definition)
    return PlanWords((*lines, *definition.lines), (*gone, *definition.warnings))


def _definition(language: str, change: ProfileChange | None) -> PlanWords:
    """What comes of the profile that a package brings."""
    if change is None:
        return PlanWords((), ())
    told = {"profile": change.name, "title": plain(change.title), "columns": len(change.added)}
    if change.fault is not None:
        told["fault"] = say_message(language, change.fault)
    words = say(language, f"plan.parcel.profile.{change.coming}", **told)
    if not change.is_kept:
        return PlanWords((), (words,))
    if change.coming is Coming.NEW:
        return PlanWords((words,), ())
    parts = [
        say(language, f"plan.parcel.columns.{which}", names=_listed(language, [plain(one) for one in headers]))
        for which, headers in (("added", change.added), ("removed", change.removed), ("altered", change.altered))
        if headers
    ]
    parts += [say(language, "plan.parcel.profile.rest")] if change.rest else []
    what = parts or [say(language, "plan.parcel.profile.remarks")]
    own = (say(language, "plan.parcel.profile.own", **told),) if change.own_work else ()
    return PlanWords((words + " " + " ".join(what),), own)


def _changes(
    language: str, change: RosterChange, new: Sequence[SchoolWindow], gone: Sequence[Window], *, quiet: bool = False
) -> Iterator[str]:
    """`quiet`: something else changes, so that nothing is not worth telling."""
    counts = {"added": len(change.added), "changed": len(change.changed), "gone": len(change.gone)}
    if not any((*counts.values(), new, gone, quiet)):
        yield say(language, "plan.parcel.nothing")
        return
    yield say(language, "plan.parcel.roster", **counts)
    if change.added:
        yield say(language, "plan.parcel.added", names=_names(language, change.added))
    if change.changed:
        yield say(language, "plan.parcel.changed", names=_names(language, [one.after for one in change.changed]))
    for code, windows in (("window_new", new), ("window_gone", gone)):
        for one in windows:
            group = " ".join(filter(None, (one.grade, one.class_name, one.category))) or say(language, "plan.parcel.everybody")
            times = {"opens": say_moment(language, one.opens_at), "closes": say_moment(language, one.closes_at)}
            yield say(language, f"plan.parcel.{code}", round=plain(one.round), group=plain(group), **times)


def _names(language: str, students: Sequence[Student]) -> str:
    return _listed(language, [plain(one.name) for one in students])


def _listed(language: str, names: Sequence[str]) -> str:
    return say_list(language, names[:_MOST_NAMED]) + ("…" if len(names) > _MOST_NAMED else "")
