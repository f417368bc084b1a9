"""deploy/stack/glitchtip/project.py with models that keep what they are told: GlitchTip itself is in no reach of this test."""
import contextlib
import os
import runpy
import sys
import types
import uuid

import pytest
from compose_programs import TOP

KEY = "0123456789abcdef0123456789abcdef"


class Rows:
    """As much of a manager as the script asks for."""

    def __init__(self, model):
        self.model, self.rows = model, []

    def filter(self, **wanted):
        found = Rows(self.model)
        found.rows = [row for row in self.rows if all(getattr(row, name) == value for name, value in wanted.items())]
        return found

    def first(self):
        return self.rows[0] if self.rows else None

    def exists(self):
        return bool(self.rows)

    def get(self, **wanted):
        row, = self.filter(**wanted).rows
        return row

    def get_or_create(self, defaults=None, **wanted):
        row = self.filter(**wanted).first()
        if row is None:
            row = self.model(**wanted, **(defaults or {}))
            row.save()
            return row, True
        return row, False

    def add(self, row):
        if row not in self.rows:
            self.rows.append(row)


def model(name, table="", **methods):
    class Model:
        _meta = types.SimpleNamespace(db_table=table)

        def __init__(self, **fields):
            self.pk = self.slug = None
            self.members, self.projects, self.users = Rows(None), Rows(None), Rows(None)
            self.__dict__.update(fields)

        def save(self, force_insert=False):
            assert not force_insert or not Model.objects.filter(pk=self.pk).exists()
            self.pk = self.pk or len(Model.objects.rows) + 100  # not 1 by chance
            Model.objects.add(self)
    Model.objects = Rows(Model)
    Model.__name__ = name
    for word, method in methods.items():
        setattr(Model, word, method)
    return Model


@pytest.fixture(name="glitchtip")
def _glitchtip(monkeypatch):
    """The models, as modules that can be imported."""
    users = model("User", set_password=lambda user, password: setattr(user, "password", password))
    members = model("OrganizationUser")

    def add_user(organization, user):
        members(user=user, organization=organization).save()
        organization.users.add(user)
    world = types.SimpleNamespace(users=users, members=members, organizations=model("Organization", add_user=add_user), teams=model("Team"),
                                  projects=model("Project", "projects_project"), keys=model("ProjectKey"), said=[])
    cursor = types.SimpleNamespace(execute=world.said.append)
    connection = types.SimpleNamespace(cursor=lambda: contextlib.nullcontext(cursor))
    modules = {"django": {"setup": lambda: None}, "django.db": {"connection": connection, "transaction": types.SimpleNamespace(atomic=lambda call: call)},
               "apps.organizations_ext.models": {"Organization": world.organizations, "OrganizationUser": members},
               "apps.projects.models": {"Project": world.projects, "ProjectKey": world.keys}, "apps.teams.models": {"Team": world.teams},
               "apps.users.models": {"User": users}, "apps": {}, "apps.organizations_ext": {}, "apps.projects": {}, "apps.teams": {}, "apps.users": {}}
    for name, words in modules.items():
        module = types.ModuleType(name)
        module.__dict__.update(words)
        monkeypatch.setitem(sys.modules, name, module)
    for name, value in (("SENTRY_USER", "admin@example.com"), ("SENTRY_PASSWORD", "one"), ("SENTRY_KEY", KEY)):
        monkeypatch.setenv(name, value)
    return world


def run():
    runpy.run_path(str(TOP / "deploy/stack/glitchtip/project.py"), run_name="script")
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)


def test_the_project_of_the_dsn_is_made_once(glitchtip, monkeypatch):
    run()
    project, key, team = (rows.objects.rows[0] for rows in (glitchtip.projects, glitchtip.keys, glitchtip.teams))
    assert (project.pk, project.name, key.public_key, key.project) == (1, "lb", uuid.UUID(KEY), project)
    assert team.projects.rows == [project] and [member.user.email for member in team.members.rows] == ["admin@example.com"]
    assert len(glitchtip.said) == 1 and "setval" in glitchtip.said[0] and "projects_project" in glitchtip.said[0]
    monkeypatch.setenv("SENTRY_PASSWORD", "two")
    run()
    assert [len(rows.objects.rows) for rows in (glitchtip.users, glitchtip.organizations, glitchtip.members, glitchtip.teams, glitchtip.projects,
                                                glitchtip.keys)] == [1] * 6
    assert glitchtip.users.objects.rows[0].password == "two" and len(glitchtip.said) == 1
