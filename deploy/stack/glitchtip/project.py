"""Makes what the stack needs in GlitchTip: a user, an organization, a team, and the project 1 with the key that lb and the appservers
have. Run again it changes nothing but the user's password. Written for the models of GlitchTip 6.2; runs in its container.
"""
import os
import uuid

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "glitchtip.settings")
django.setup()

from apps.organizations_ext.models import Organization, OrganizationUser  # noqa: E402
from apps.projects.models import Project, ProjectKey  # noqa: E402
from apps.teams.models import Team  # noqa: E402
from apps.users.models import User  # noqa: E402
from django.db import connection, transaction  # noqa: E402

PROJECT_ID = 1  # as the DSN has it


def make_user():
    user, _ = User.objects.get_or_create(email=os.environ["SENTRY_USER"])
    user.set_password(os.environ["SENTRY_PASSWORD"])
    user.save()
    return user


def make_project(organization):
    """With the id that the DSN has; who makes the next one by hand gets the id after it."""
    project = Project.objects.filter(pk=PROJECT_ID).first()
    if project is None:
        project = Project(pk=PROJECT_ID, organization=organization, name="lb", platform="native")
        project.save(force_insert=True)
        with connection.cursor() as cursor:
            table = Project._meta.db_table
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
    return project


@transaction.atomic
def main():
    user = make_user()
    organization, _ = Organization.objects.get_or_create(slug="lb", defaults={"name": "lb"})
    if not organization.users.filter(pk=user.pk).exists():
        organization.add_user(user)  # the first one is its owner
    member = OrganizationUser.objects.get(user=user, organization=organization)
    project = make_project(organization)
    team, _ = Team.objects.get_or_create(slug="lb", organization=organization)
    team.members.add(member)
    team.projects.add(project)
    ProjectKey.objects.get_or_create(public_key=uuid.UUID(os.environ["SENTRY_KEY"]), defaults={"project": project, "name": "lb"})
    print(f"The project {project.slug} of {organization.slug} is there, with the key of the stack")


main()
