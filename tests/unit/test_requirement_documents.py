"""What a document says about itself (`[staffing]`, `[[require]]`, `[[accept]]`) is read, written back or refused at its place."""

import tomllib
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from relcare.codec import dumps_policy, loads_policy, loads_policy_document, policy_document
from relcare.decisions import REQUIREMENTS, Acceptance, Policy, Requirement, RoleStaffing, ShareBound, Staffing
from relcare.errors import InvalidValueError, PolicyDocumentError, Problem
from relcare.presets import preset

HEAD = """\
format = 1
[policy]
id = "p"
version = "1"
effective_from = 2026-01-01
[facts.size]
type = "level"
values = ["small", "large"]
polarity = "more"
[facts.is_new]
type = "flag"
[facts.trade]
type = "category"
[facts.revenue]
type = "money"
polarity = "more"
[[segmentation]]
id = "care"
kind = "threshold"
tiers = [ { id = "A", when = "size == 'large'" } ]
otherwise = "B"
[[segmentation]]
id = "news"
kind = "quota"
score = "revenue"
tiers = [ { id = "A", share = "20%" }, { id = "B", share = "80%" } ]
[[relationship]]
type = "press"
appeal = "candour"
"""
# The line on which the text behind the head begins.
FIRST = HEAD.count("\n") + 1
ROLES = 'roles = [ { role = "account manager", staff = "1", minutes_per_day = 60 } ]\n'
STAFFING = f"[staffing]\nclients = 10\n{ROLES}"


def read(text: str) -> Policy:
    return loads_policy(HEAD + text, file="house.toml")


def problems(text: str) -> list[Problem]:
    with pytest.raises(PolicyDocumentError) as caught:
        read(text)
    return list(caught.value.problems)


def line_of(problem: Problem) -> int:
    """The line behind the head."""
    assert problem.line is not None
    return problem.line - FIRST + 1


def told(text: str) -> list[str]:
    """Each problem as `line behind the head:column: path: message; hint`."""
    return [
        f"{line_of(problem)}:{problem.column}: {problem.path}: {problem.message}" + (f"; {problem.hint}" if problem.hint else "")
        for problem in problems(text)
    ]


class TestReading:
    """Each table becomes a value of the policy."""

    def test_a_staffing_with_everything(self) -> None:
        text = """\
[staffing]
clients = 500
days_per_week = 6
people_per_client = "1.5"
roles = [
  { role = "account manager", staff = "4.5", minutes_per_day = 240 },
  { role = "secretary", staff = 1, minutes_per_day = 120 },
]
[staffing.mix]
size = { small = "66.7%", large = "33.3%" }
is_new = { true = "10%", false = "90%" }
trade = { "wood and paper" = "100%" }
"client.stage" = { open = "100%" }
"client.relationship_types" = { press = "5%", partner = "95%" }
"tier.care" = { A = "25%", B = "75%" }
"""
        assert read(text).staffing == Staffing(
            clients=500,
            days_per_week=6,
            people_per_client="1.5",
            roles=[
                RoleStaffing(role="account manager", staff="4.5", minutes_per_day=240),
                RoleStaffing(role="secretary", staff=1, minutes_per_day=120),
            ],
            mix={
                "size": {"small": "66.7%", "large": "33.3%"},
                "is_new": {"true": "10%", "false": "90%"},
                "trade": {"wood and paper": "100%"},
                "client.stage": {"open": "100%"},
                "client.relationship_types": {"press": "5%", "partner": "95%"},
                "tier.care": {"A": "25%", "B": "75%"},
            },
        )

    def test_a_staffing_with_what_is_needed_only(self) -> None:
        staffing = read(STAFFING).staffing
        assert staffing is not None
        assert (staffing.days_per_week, staffing.people_per_client, dict(staffing.mix)) == (5, Decimal(1), {})

    def test_without_the_tables_nothing_is_required_accepted_or_staffed(self) -> None:
        policy = read("")
        assert (policy.staffing, policy.require, policy.accept) == (None, (), ())

    @pytest.mark.parametrize(
        ("text", "kind", "of", "scheme"),
        [
            ('total = "care"', "total", "care", None),
            ('monotone = "size"', "monotone", "size", None),
            ('monotone = "size"\nscheme = "care"', "monotone", "size", "care"),
            ('monotone = "tier.care"', "monotone", "tier.care", None),
            ('never_demotes = "news"', "never_demotes", "news", None),
            ('share = "A <= 25%"\nscheme = "news"', "share", "A <= 25%", "news"),
            ('share = "A>=5%"\nscheme = "care"', "share", "A>=5%", "care"),
        ],
    )
    def test_a_requirement(self, text: str, kind: str, of: str, scheme: str | None) -> None:
        (requirement,) = read(f"[[require]]\n{text}\n").require
        assert (requirement.kind, requirement.of, requirement.scheme) == (kind, of, scheme)

    def test_feasibility_is_required_of_nothing_in_particular(self) -> None:
        assert read(f"{STAFFING}[[require]]\nfeasible = true\n").require == (Requirement(kind="feasible"),)

    def test_requirements_and_acceptances_keep_their_order(self) -> None:
        text = '[[require]]\ntotal = "care"\n[[require]]\nnever_demotes = "care"\n'
        text += "".join(f'[[accept]]\ncode = "{code}"\nreason = "so it is"\n' for code in ("horizon", "circle"))
        policy = read(text)
        assert [str(requirement) for requirement in policy.require] == ["total = care", "never_demotes = care"]
        assert [acceptance.code for acceptance in policy.accept] == ["horizon", "circle"]

    @pytest.mark.parametrize("until", ["2026-07-01", '"2026-07-01"'], ids=["a date", "ISO text"])
    def test_an_acceptance_with_everything(self, until: str) -> None:
        text = f'[[accept]]\ncode = "grace"\nof = "call-A"\nreason = "one telephone"\nuntil = {until}\n'
        expected = Acceptance(code="grace", of="call-A", reason="one telephone", until=date(2026, 7, 1))
        assert read(text).accept == (expected,)

    def test_a_code_that_no_finding_has_is_no_mistake_of_the_document(self) -> None:
        assert read('[[accept]]\ncode = "grase"\nreason = "x"\n').accept[0].code == "grase"

    def test_json_says_the_same(self) -> None:
        text = """{"format": 1, "policy": {"id": "p", "version": "1", "effective_from": "2026-01-01"},
        "staffing": {"clients": 10, "roles": [{"role": "account manager", "staff": "2.5", "minutes_per_day": 60}]},
        "require": [{"feasible": true}], "accept": [{"code": "grace", "reason": "x", "until": "2026-07-01"}]}"""
        policy = loads_policy(text, syntax="json")
        assert policy.staffing is not None
        assert policy.staffing.roles[0].minutes == 150
        assert policy.require == (Requirement(kind="feasible"),)
        assert policy.accept[0].until == date(2026, 7, 1)

    def test_each_table_has_its_place(self) -> None:
        text = f'{STAFFING}[[require]]\ntotal = "care"\n[[accept]]\ncode = "grace"\nreason = "x"\n'
        document = loads_policy_document(HEAD + text, file="house.toml")
        lines = [
            document.line_of(path) - FIRST + 1 for path in ("staffing", "staffing.roles[0].staff", "require[0]", "accept[0]")
        ]
        assert lines == [1, 3, 4, 6]


class TestWriting:
    """What is written back reads as the equal policy, and what is at its default is left out."""

    WHOLE = (
        STAFFING
        + 'days_per_week = 6\npeople_per_client = "1.5"\nmix = { size = { small = "66.7%", large = "33.3%" } }\n'
        + '[[require]]\nshare = "A <= 25%"\nscheme = "news"\n[[require]]\nmonotone = "size"\n[[require]]\nfeasible = true\n'
        + '[[accept]]\ncode = "horizon"\nreason = "announced late"\n'
        + '[[accept]]\ncode = "grace"\nof = "call"\nreason = "one telephone"\nuntil = 2026-07-01\n'
    )

    @pytest.mark.parametrize("text", ["", STAFFING, WHOLE], ids=["nothing", "what is needed", "everything"])
    def test_a_round_trip_gives_the_equal_policy(self, text: str) -> None:
        policy = read(text)
        again = loads_policy(dumps_policy(policy))
        assert (again, again.staffing) == (policy, policy.staffing)
        assert (again.require, again.accept) == (policy.require, policy.accept)

    @pytest.mark.parametrize("name", ["agent", "consulting"])
    def test_the_presets_keep_theirs(self, name: str) -> None:
        policy = preset(name)
        again = loads_policy(dumps_policy(policy))
        assert policy.require
        assert policy.accept
        assert (again.require, again.accept) == (policy.require, policy.accept)

    def test_the_tables_are_written_as_they_were_read(self) -> None:
        document = policy_document(read(self.WHOLE))
        written = tomllib.loads(HEAD + self.WHOLE)
        assert {key: document[key] for key in ("staffing", "require", "accept")} == {
            key: written[key] for key in ("staffing", "require", "accept")
        }

    def test_defaults_are_left_out(self) -> None:
        assert policy_document(read(STAFFING))["staffing"] == tomllib.loads(STAFFING)["staffing"]

    def test_no_table_is_written_for_nothing(self) -> None:
        assert not {"staffing", "require", "accept"} & set(policy_document(read("")))

    def test_a_share_that_is_no_percentage_is_written_as_a_fraction(self) -> None:
        staffing = Staffing(
            clients=3,
            roles=[RoleStaffing(role="account manager", staff=1, minutes_per_day=60)],
            mix={"client.stage": {"open": Fraction(1, 3), "visitor": Fraction(2, 3)}},
        )
        policy = Policy(id="p", version="1", effective_from=date(2026, 1, 1), staffing=staffing)
        assert 'open = "1/3"' in dumps_policy(policy)
        assert loads_policy(dumps_policy(policy)) == policy


class TestMistakes:
    """Each mistake is told at its own place, with the nearest right name."""

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("[staffing]\nclients = 10\n", "1:2: staffing.roles: roles is missing"),
            (f"[staffing]\n{ROLES}", "1:2: staffing.clients: clients is missing"),
            ("[staffing]\nclients = 10\nroles = []\n", "3:9: staffing.roles: must name somebody"),
            (f"[staffing]\nclients = 0\n{ROLES}", "2:11: staffing.clients: is 0: must be a whole number from 1 to 100,000,000"),
            (f'[staffing]\nclients = "10"\n{ROLES}', "2:11: staffing.clients: must be a whole number, not text"),
            (f"{STAFFING}days_per_week = 8\n", "4:17: staffing.days_per_week: is 8: must be a whole number from 1 to 7"),
            (
                f"{STAFFING}days_per_wek = 6\n",
                "4:1: staffing.days_per_wek: unknown key 'days_per_wek'; did you mean 'days_per_week'?",
            ),
            (
                f'{STAFFING}people_per_client = "-1"\n',
                "4:21: staffing.people_per_client: is Decimal('-1'): must be from 0 to 10,000",
            ),
            (
                f"{STAFFING}people_per_client = 1.5\n",
                '4:21: staffing.people_per_client: floats are refused, they are not exact; write "1.5" as text',
            ),
            (
                '[staffing]\nclients = 10\nroles = [ { role = "head", staff = "0", minutes_per_day = 60 } ]\n',
                "3:36: staffing.roles[0].staff: is Decimal('0'): must be more than 0 and at most 1,000,000",
            ),
            (
                '[staffing]\nclients = 10\nroles = [ { role = "head", staff = 1, minutes_per_day = 1441 } ]\n',
                "3:57: staffing.roles[0].minutes_per_day: is 1441: must be a whole number from 1 to 1,440",
            ),
            (
                '[staffing]\nclients = 10\nroles = [ { rolle = "x", role = "head", staff = 1, minutes_per_day = 9 } ]\n',
                "3:13: staffing.roles[0].rolle: unknown key 'rolle'; did you mean 'role'?",
            ),
            (
                "[staffing]\nclients = 10\n" + 2 * '[[staffing.roles]]\nrole = "head"\nstaff = 1\nminutes_per_day = 9\n',
                "7:1: staffing.roles[1]: is 'head': must come once",
            ),
            (f'{STAFFING}mix = {{ size = {{ small = "50%" }} }}\n', "4:16: staffing.mix.size: is '50%': must be 100% in all"),
            (
                f'{STAFFING}mix = {{ size = {{ smal = "100%" }} }}\n',
                "4:25: staffing.mix.size.smal: size has no value 'smal'; did you mean 'small'?",
            ),
            (
                f'{STAFFING}mix = {{ sise = {{ small = "100%" }} }}\n',
                "4:16: staffing.mix.sise: unknown fact 'sise'; did you mean 'size'?",
            ),
            (
                f'{STAFFING}mix = {{ revenue = {{ much = "100%" }} }}\n',
                "4:19: staffing.mix.revenue: revenue is a money: shares are of levels, categories, flags and sets",
            ),
            (f'{STAFFING}mix = {{ is_new = {{ yes = "100%" }} }}\n', "4:26: staffing.mix.is_new.yes: is_new has no value 'yes'"),
            (
                f'{STAFFING}mix."client.relationship_types" = {{ pres = "100%" }}\n',
                (
                    '4:44: staffing.mix."client.relationship_types".pres: '
                    "client.relationship_types has no value 'pres'; did you mean 'press'?"
                ),
            ),
            (
                f'{STAFFING}mix = {{ "tier.care" = {{ A = "100%", C = "0%" }} }}\n',
                "4:41: staffing.mix.\"tier.care\".C: tier.care has no value 'C'",
            ),
            (
                f'{STAFFING}mix = {{ size = {{ small = "half" }} }}\n',
                '4:26: staffing.mix.size.small: is \'half\': must be a percentage or a fraction as text; write "20%" or "1/3"',
            ),
            (f"{STAFFING}mix = {{ size = {{ small = 100 }} }}\n", "4:26: staffing.mix.size.small: must be text, not a number"),
            (f'{STAFFING}mix = {{ size = "small" }}\n', "4:16: staffing.mix.size: must be a table, not text"),
        ],
    )
    def test_of_a_staffing(self, text: str, expected: str) -> None:
        assert told(text) == [expected]

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("", f'1:1: require[0]: must have exactly one of {", ".join(REQUIREMENTS)}; write total = "the scheme"'),
            (
                'total = "care"\nmonotone = "size"',
                f'1:1: require[0]: must have exactly one of {", ".join(REQUIREMENTS)}; write total = "the scheme"',
            ),
            ('total = "car"', "2:9: require[0].total: unknown scheme 'car'; did you mean 'care'?"),
            ("total = 5", "2:9: require[0].total: must be text, not a number"),
            ('total = "care"\nshceme = "care"', "3:1: require[0].shceme: unknown key 'shceme'; did you mean 'scheme'?"),
            ('total = "care"\nscheme = "care"', "3:10: require[0].scheme: is 'care': must go with monotone or share"),
            ('never_demotes = "new"', "2:17: require[0].never_demotes: unknown scheme 'new'; did you mean 'news'?"),
            ('monotone = "sise"', "2:12: require[0].monotone: unknown fact 'sise'; did you mean 'size'?"),
            (
                'monotone = "is_new"',
                '2:12: require[0].monotone: is_new says neither more nor less is better; declare its polarity, as in "more"',
            ),
            ('monotone = "size"\nscheme = "car"', "3:10: require[0].scheme: unknown scheme 'car'; did you mean 'care'?"),
            (
                'share = "A < 25%"',
                "2:9: require[0].share: is 'A < 25%': must be a tier, <= or >=, and a percentage; write share = \"A <= 25%\"",
            ),
            ('share = "A <= 125%"', "2:9: require[0].share: is '125%': must be from 0% to 100%"),
            ('share = "A <= 25%"', '2:9: require[0].share: A is a tier of care and news; add scheme = "care"'),
            ('share = "C <= 25%"', "2:9: require[0].share: unknown tier 'C'"),
            ('share = "C <= 25%"\nscheme = "news"', "2:9: require[0].share: unknown tier 'C'"),
            ('share = "A <= 25%"\nscheme = "car"', "3:10: require[0].scheme: unknown scheme 'car'; did you mean 'care'?"),
            ("feasible = false", "2:12: require[0].feasible: must be true; leave the table out"),
            ('feasible = "yes"', "2:12: require[0].feasible: must be true or false, not text"),
            ("feasible = true", "2:12: require[0].feasible: must go with the staffing it shall fit; declare [staffing]"),
        ],
    )
    def test_of_a_requirement(self, text: str, expected: str) -> None:
        assert told(f"[[require]]\n{text}\n") == [expected]

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ('reason = "x"', "1:1: accept[0].code: code is missing"),
            ('code = "grace"', "1:1: accept[0].reason: reason is missing"),
            (
                'code = "grace"\nreason = ""',
                "3:10: accept[0].reason: is '': must be visible text of at most 4096 characters without control characters",
            ),
            ('code = "grace"\nreason = "x"\nof = 3', "4:6: accept[0].of: must be text, not a number"),
            (
                'code = "grace"\nreason = "x"\nuntil = "July"',
                "4:9: accept[0].until: must be a date, not text; write it as 2026-01-31",
            ),
            (
                'code = "grace"\nreason = "x"\nuntill = 2026-07-01',
                "4:1: accept[0].untill: unknown key 'untill'; did you mean 'until'?",
            ),
        ],
    )
    def test_of_an_acceptance(self, text: str, expected: str) -> None:
        assert told(f"[[accept]]\n{text}\n") == [expected]

    def test_ten_of_them_are_told_at_once_in_their_order(self) -> None:
        text = """\
[staffing]
clients = "10"
days_per_wek = 5
roles = [ { role = "head", staff = "none", minutes_per_day = 60 } ]
mix = { size = { small = "half" } }
[[require]]
total = "car"
[[require]]
monotone = "sise"
[[require]]
share = "A < 25%"
[[require]]
feasible = false
[[accept]]
code = "grace"
untill = 2026-07-01
"""
        assert sorted((line_of(problem), problem.path) for problem in problems(text)) == [
            (2, "staffing.clients"),
            (3, "staffing.days_per_wek"),
            (4, "staffing.roles[0].staff"),
            (5, "staffing.mix.size.small"),
            (7, "require[0].total"),
            (9, "require[1].monotone"),
            (11, "require[2].share"),
            (13, "require[3].feasible"),
            (14, "accept[0].reason"),
            (16, "accept[0].untill"),
        ]

    def test_nobody_is_told_about_a_staffing_twice(self) -> None:
        assert told("[staffing]\nclients = 10\n[[require]]\nfeasible = true\n") == ["1:2: staffing.roles: roles is missing"]

    def test_a_scheme_that_could_not_be_read_is_not_called_unknown(self) -> None:
        text = '[[segmentation]]\nid = "late"\nkind = "threshold"\n[[require]]\ntotal = "late"\n[[require]]\nshare = "Z <= 5%"\n'
        assert told(text) == ["1:1: segmentation[2].tiers: tiers is missing"]

    def test_a_type_whose_strategy_could_not_be_read_may_stand_in_the_mix(self) -> None:
        text = f'{STAFFING}mix = {{ "client.relationship_types" = {{ guild = "100%" }} }}\n[[relationship]]\ntype = "guild"\n'
        assert told(text) == ["5:1: relationship[1].appeal: appeal is missing"]


class TestInPython:
    """The values check themselves, wherever they come from."""

    def test_a_share_bound_is_inclusive(self) -> None:
        at_most, at_least = ShareBound.parse("key clients <= 25%"), ShareBound.parse("A >= 5%")
        assert (at_most.tier, at_most.share) == ("key clients", Fraction(1, 4))
        assert [at_most.allows(share) for share in (Fraction(1, 4), Fraction(1, 4) + Fraction(1, 1_000))] == [True, False]
        assert [at_least.allows(share) for share in (Fraction(1, 20), Fraction(1, 20) - Fraction(1, 1_000))] == [True, False]

    def test_a_requirement_shows_itself_as_a_document_writes_it(self) -> None:
        shown = [str(Requirement(kind="feasible")), str(Requirement(kind="share", of="A <= 25%", scheme="news"))]
        assert shown == ["feasible = true", "share = A <= 25% in news"]
        assert Requirement(kind="total", of="care").bound is None

    def test_a_requirement_is_about_something(self) -> None:
        with pytest.raises(InvalidValueError, match=r"^total is None"):
            Requirement(kind="total")
        with pytest.raises(InvalidValueError, match=r"^feasible is 'care': must be true"):
            Requirement(kind="feasible", of="care")
        with pytest.raises(InvalidValueError, match=r"^kind is 'totl'"):
            Requirement(kind="totl", of="care")  # type: ignore[arg-type]

    def test_an_acceptance_gives_a_reason(self) -> None:
        with pytest.raises(InvalidValueError, match=r"^reason is ''"):
            Acceptance(code="grace", reason="")

    def test_a_mix_is_a_table_of_tables(self) -> None:
        roles = [RoleStaffing(role="account manager", staff=1, minutes_per_day=60)]
        with pytest.raises(InvalidValueError, match=r"^mix is .*must be a table of facts"):
            Staffing(clients=1, roles=roles, mix=[])  # type: ignore[arg-type]
        with pytest.raises(InvalidValueError, match=r"^mix\.size is 'small': must be a table of values and their shares"):
            Staffing(clients=1, roles=roles, mix={"size": "small"})  # type: ignore[dict-item]
        with pytest.raises(InvalidValueError, match=r"^mix\.size is '99\.9%': must be 100% in all"):
            Staffing(clients=1, roles=roles, mix={"size": {"small": "99.9%"}})

    @pytest.mark.parametrize("clients", [0, 100_000_001, True, "10"])
    def test_clients_are_a_whole_number(self, clients: int) -> None:
        with pytest.raises(InvalidValueError, match=r"^clients is"):
            Staffing(clients=clients, roles=[RoleStaffing(role="account manager", staff=1, minutes_per_day=60)])

    def test_a_policy_built_in_python_is_checked_like_a_document(self) -> None:
        with pytest.raises(PolicyDocumentError) as caught:
            Policy(id="p", version="1", effective_from=date(2026, 1, 1), require=[Requirement(kind="total", of="care")])
        assert [(problem.path, problem.message) for problem in caught.value.problems] == [
            ("require[0].total", "unknown scheme 'care'")
        ]
