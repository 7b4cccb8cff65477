"""What the promises of a SQL store rest on."""

from collections.abc import Mapping

from relcare.storage._capabilities import HealthCheck

__all__ = ["inspect_database"]

Profile = Mapping[str, str | int]


def inspect_database(dialect: str, profile: Profile, *, is_poisoned: bool) -> tuple[HealthCheck, ...]:
    """The version, the settings in force, and whether it may be written."""
    return (*(_postgres(profile) if dialect == "postgresql" else _sqlite(profile)), _trust(is_poisoned=is_poisoned))


def _postgres(profile: Profile) -> tuple[HealthCheck, ...]:
    # Each unit turns `synchronous_commit` on by itself; what the server leaves out for good no client can ask for.
    off = [name for name in ("fsync", "full_page_writes") if profile.get(name) != "on"]
    told = f"{' and '.join(off)} off: a crash of the machine can lose or damage what was acknowledged"
    checked = profile.get("data_checksums") == "on"
    return (
        HealthCheck(code="postgresql.version", state="ok", text=f"PostgreSQL {profile.get('server_version')}"),
        HealthCheck(
            code="postgresql.settings", state="failed" if off else "ok", text=told if off else "the server waits for the disk"
        ),
        HealthCheck(
            code="postgresql.checksums",
            state="ok" if checked else "note",
            text="pages have checksums" if checked else "pages have no checksums: damage shows only in rows that are read",
        ),
    )


def _sqlite(profile: Profile) -> tuple[HealthCheck, ...]:
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    wrong = [f"{name} is {profile.get(name)}, not {value}" for name, value in wanted.items() if profile.get(name) != value]
    return (
        HealthCheck(code="sqlite.version", state="ok", text=f"SQLite {profile.get('sqlite_version')}"),
        HealthCheck(
            code="sqlite.settings", state="failed" if wrong else "ok", text="; ".join(wrong) or "commits wait for the disk"
        ),
    )


def _trust(*, is_poisoned: bool) -> HealthCheck:
    if is_poisoned:
        told = "a commit failed and its outcome is not known: open the store again"
        return HealthCheck(code="store.writable", state="failed", text=told)
    return HealthCheck(code="store.writable", state="ok", text="no commit of unknown outcome")
