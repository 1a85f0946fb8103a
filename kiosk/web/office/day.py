"""当日统计: the day at a glance, of any date or span, a class or an operator; and the report of it to print."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue

from kiosk.clock import moment
from kiosk.office import DayWords, Span
from kiosk.office.day_words import Chart
from kiosk.records import ClassKey, DeviceTest
from kiosk.web.asking import date_of
from kiosk.web.context import context, language
from kiosk.web.doorkeeper import at_work, door
from kiosk.web.office.groups import class_key, classes_of, group_of, group_words
from kiosk.web.office.printing import PDF_POLICY
from kiosk.web.office.shell import page

views = Blueprint("day", __name__)


@views.get("/records/day")
def screen() -> ResponseReturnValue:
    """Today, or what the address asks for. While it is today the page fetches itself again and shows what has changed."""
    office, tongue = context().office, language()
    span, today = _span(), _today()
    day = office.days.look(span)
    words = DayWords(tongue, group_words)
    everybody = office.days.look(Span(span.first, span.last)) if span.operator or span.group else day
    return page(
        "day.html",
        "day",
        day=day,
        figures=words.figures(day),
        charts=words.charts(day),
        address=lambda chart, key: _address(chart, key, span),
        wanted=_asked(span),
        span=words.span(day),
        before=_asked(_moved(span, -1)),
        after=_asked(_moved(span, 1)) if span.last < today else None,
        running=span.last >= today,
        classes=classes_of(office.rosters.students()),
        operators=sorted({one.name[0] for one in everybody.operators if one.captured} | ({span.operator} - {""})),
        latest=office.days.latest(span.first) if day.is_empty else None,
        tests=[_test(one, words) for one in day.tests],
    )


@views.get("/records/day/now")
@door(news=True)
def now() -> ResponseReturnValue:
    """The same, as the page asks for it by itself: that keeps nobody logged in."""
    return screen()


@views.get("/records/day.pdf")
def report() -> ResponseReturnValue:
    """The same on paper, with who prints it; that it was printed is kept in the audit trail."""
    content = context().office.day_report(_span(), by=at_work().name)
    return Response(content, mimetype="application/pdf", headers={"Content-Security-Policy": PDF_POLICY})


def _today() -> date:
    return datetime.now().astimezone().date()


def _span() -> Span:
    """What the address asks for; what is no date is today, and two dates may come in any order."""
    first = date_of(request.args.get("from", "")) or _today()
    last = date_of(request.args.get("to", "")) or first
    group = request.args.get("class", "")
    operator = request.args.get("operator", "")
    return Span(min(first, last), max(first, last), group_of(group) if group else None, operator)


def _moved(span: Span, days: int) -> Span:
    """As long a span, just before or after."""
    by = timedelta(days=((span.last - span.first).days + 1) * days)
    return Span(span.first + by, span.last + by, span.group, span.operator)


def _asked(span: Span) -> dict[str, str]:
    """A span as an address has it."""
    return {
        "from": span.first.isoformat(),
        "to": span.last.isoformat(),
        "class": class_key(span.group) if span.group else "",
        "operator": span.operator,
    }


def _address(chart: Chart, key: str, span: Span) -> str:
    """Where the list is that a row sums up; empty where there is none."""
    single = span.first.isoformat() if span.first == span.last else ""
    match chart.name:
        case "refusals":
            return url_for("refused.screen", day=single, reason=key)
        case "classes":
            group = quote(class_key(ClassKey(*key.split("\t"))))
            return f"{url_for('records.everybody')}?class={group}#students"
        case "operators":
            return f"{url_for('day.screen')}?{urlencode({**_asked(span), 'operator': key})}"
        case "decisions":
            return url_for("review.screen")
    return ""


def _test(test: DeviceTest, words: DayWords) -> dict[str, str]:
    devices = " · ".join(name for name in test.devices.values() if name)
    good = "" if test.failed or test.missing else "yes"
    return {"at": moment(test.at), "by": test.by, "result": words.test(test), "devices": devices, "good": good}
