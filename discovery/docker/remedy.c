#include "discovery/docker/remedy.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "discovery/surroundings.h"

#define GROUPS_MAX     256
#define OVERFLOW_GROUP 65534u /* of ids that a user namespace does not map */

static bool is_member(gid_t group)
{
    gid_t groups[GROUPS_MAX];
    int count = getgroups(GROUPS_MAX, groups);
    for (int i = 0; i < count; i++)
        if (groups[i] == group)
            return true;
    return getegid() == group;
}

static void name_them(struct remedy_facts *facts)
{
    const struct group *group = facts->is_there ? getgrgid(facts->group) : NULL;
    const struct passwd *self = getpwuid(facts->self);
    snprintf(facts->group_name, sizeof(facts->group_name), "%u", facts->group);
    snprintf(facts->self_name, sizeof(facts->self_name), "%u", facts->self);
    if (group)
        snprintf(facts->group_name, sizeof(facts->group_name), "%s", group->gr_name);
    if (self)
        snprintf(facts->self_name, sizeof(facts->self_name), "%s", self->pw_name);
}

void remedy_look(const struct server_url *server, struct remedy_facts *facts)
{
    struct stat st;
    *facts = (struct remedy_facts){.self = geteuid()};
    facts->in_container = surroundings_are_container();
    if (server->socket_path[0] == '\0')
        return;
    if (stat(server->socket_path, &st) != 0) {
        facts->is_hidden = errno == EACCES;
        return;
    }
    facts->is_there = true;
    facts->is_socket = S_ISSOCK(st.st_mode);
    facts->is_folder = S_ISDIR(st.st_mode);
    facts->has_group = is_member(st.st_gid);
    facts->mode = st.st_mode & 0777;
    facts->owner = st.st_uid;
    facts->group = st.st_gid;
    name_them(facts);
}

static void permit(const struct server_url *server, const struct remedy_facts *facts,
                   struct text *out)
{
    bool is_of_group = facts->has_group && (facts->mode & 020);
    if (facts->is_hidden)
        text_appendf(out,
                     "A folder on the way to %s may not be searched by user %u; mount the "
                     "socket itself, or open the folder.",
                     server->socket_path, facts->self);
    else if (facts->self == 0 || facts->self == facts->owner || is_of_group)
        text_appendf(out,
                     "User and groups are right, so a security module forbids it (SELinux, "
                     "AppArmor)%s.",
                     facts->in_container ? ": docker run --security-opt label=disable" : "");
    else if (facts->group == OVERFLOW_GROUP || !(facts->mode & 020))
        text_appendf(out, "Its group may not use %s, or is unknown here; run lb as its owner: %s.",
                     server->socket_path,
                     facts->in_container ? "docker run --user 0" : "with sudo or User= of systemd");
    else if (facts->in_container)
        text_appendf(out,
                     "%s belongs to group %u, and lb is not in it: docker run --group-add %u (in "
                     "compose group_add: [\"%u\"]).",
                     server->socket_path, facts->group, facts->group, facts->group);
    else
        text_appendf(out,
                     "%s belongs to the group %s, and the user %s is not in it: sudo usermod -aG "
                     "%s %s, then log in anew.",
                     server->socket_path, facts->group_name, facts->self_name, facts->group_name,
                     facts->self_name);
}

static void find_socket(const struct server_url *server, const struct remedy_facts *facts,
                        struct text *out)
{
    const char *path = server->socket_path;
    if (strcmp(path, REMEDY_DOCKER_SOCKET) != 0)
        text_appendf(out,
                     "Nothing is at %s: is the path right (--docker, DOCKER_HOST)? Most engines "
                     "have theirs at %s%s.",
                     path, REMEDY_DOCKER_SOCKET,
                     facts->in_container ? ", which docker run -v mounts" : "");
    else if (facts->in_container)
        text_appendf(out, "Mount the engine's socket: docker run -v %s:%s.", REMEDY_DOCKER_SOCKET,
                     path);
    else
        text_append_str(out, "Start the engine (systemctl start docker), or name its socket with "
                             "--docker=unix:///PATH or DOCKER_HOST.");
}

static void replace(const struct server_url *server, const struct remedy_facts *facts,
                    struct text *out)
{
    if (!facts->is_folder)
        text_appendf(out, "%s is no socket, but a file: name the engine's (--docker, DOCKER_HOST).",
                     server->socket_path);
    else
        text_appendf(out, "%s is no socket%s; remove it, start the engine, and create lb anew.",
                     server->socket_path,
                     facts->in_container ? ": docker run -v made a folder of it, as the engine's "
                                           "socket was not at the host's end"
                                         : ", but a folder");
}

static void revive(const struct server_url *server, const struct remedy_facts *facts,
                   struct text *out)
{
    if (server->socket_path[0] == '\0')
        text_appendf(out,
                     "Nothing listens at %s: start the engine or the socket proxy there, or "
                     "name another place with --docker.",
                     server->text);
    else
        text_appendf(out, "The engine is down: systemctl start docker.%s lb asks again by itself.",
                     facts->in_container ? " When it made a new socket, mount the folder /var/run, "
                                           "or restart lb."
                                         : "");
}

static void allow(const struct fetch_failure *failure, struct text *out)
{
    if (failure->status == 401 || failure->status == 403)
        text_append_str(out, "A socket proxy forbids it: let it pass GET of /_ping, /events, "
                             "/containers and /networks (of docker-socket-proxy: EVENTS=1 "
                             "CONTAINERS=1 NETWORKS=1 PING=1).");
    else if (failure->status == 400 && strstr(failure->sample, "HTTPS"))
        text_append_str(out, "The engine wants TLS there, which lb-discovery does not speak: use "
                             "its Unix socket, or a tunnel or socket proxy that speaks TLS for "
                             "it.");
    else if (failure->status == 400)
        text_append_str(out, "lb needs an engine with API 1.24 or newer; docker version shows "
                             "what this one has.");
    else if (failure->status == 404)
        text_append_str(out, "What answers there is no Docker engine, or a socket proxy that "
                             "hides this path.");
    else if (failure->status >= 500)
        text_append_str(out, "The engine, or the socket proxy before it, is in trouble; its own "
                             "log says why (journalctl -u docker).");
}

static void connect_to(const struct server_url *server, const struct fetch_failure *failure,
                       const struct remedy_facts *facts, struct text *out)
{
    if (facts->is_there && !facts->is_socket) { /* whoever may not write to it gets EACCES */
        replace(server, facts, out);
        return;
    }
    switch (failure->os_error) {
    case EACCES:
    case EPERM:
        permit(server, facts, out);
        break;
    case ENOENT:
        find_socket(server, facts, out);
        break;
    case ECONNREFUSED:
        revive(server, facts, out);
        break;
    default:
        text_append_str(out, "Is the address right (--docker, DOCKER_HOST), and can it be reached "
                             "from here?");
    }
}

void remedy_append(const struct server_url *server, const struct fetch_failure *failure,
                   const struct remedy_facts *facts, struct text *out)
{
    switch (failure->kind) {
    case FETCH_NOT_CONNECTED:
        connect_to(server, failure, facts, out);
        break;
    case FETCH_NOT_RESOLVED:
        text_append_str(out, "Is the name right (--docker, DOCKER_HOST), and does the resolver "
                             "know it? A container's name is known on its own networks only.");
        break;
    case FETCH_TIMED_OUT:
        text_append_str(out, "The engine took the connection and says nothing: its own log tells "
                             "why (journalctl -u docker); restarting it helps.");
        break;
    case FETCH_NOT_HTTP:
        text_append_str(out, "What answers there does not speak HTTP as an engine does. If it is "
                             "TLS, use the Unix socket, or a tunnel; else correct --docker or "
                             "DOCKER_HOST.");
        break;
    case FETCH_REFUSED:
        allow(failure, out);
        break;
    case FETCH_FINE:
    case FETCH_NOT_TRUSTED:
    case FETCH_CUT_OFF:
        text_append_str(out, "The engine is asked again in a moment; if this stays, its own log "
                             "tells why (journalctl -u docker).");
        break;
    }
}
