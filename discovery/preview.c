#include "discovery/preview.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "discovery/docker/remedy.h"
#include "discovery/file/file.h"
#include "discovery/file/file_remedy.h"
#include "discovery/file/file_watch.h"
#include "discovery/surroundings.h"

/* 0, or errno. */
static int connect_to(const char *path)
{
    struct sockaddr_un place = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), error = 0;
    strncpy(place.sun_path, path, sizeof(place.sun_path) - 1);
    if (fd < 0)
        return errno;
    if (connect(fd, (const struct sockaddr *)&place, sizeof(place)) != 0 && errno != EAGAIN)
        error = errno;
    close(fd);
    return error;
}

static void look_at_engine(const struct server_url *server, struct text *faults)
{
    struct remedy_facts facts;
    const char *path = server->socket_path;
    int error = path[0] != '\0' ? connect_to(path) : 0;
    bool may_come = error == ENOENT || error == ECONNREFUSED;
    remedy_look(server, &facts);
    if (error == 0 || (may_come && (facts.is_socket || !facts.is_there) &&
                       strcmp(path, REMEDY_DOCKER_SOCKET) == 0))
        return;
    struct fetch_failure failure = {.kind = FETCH_NOT_CONNECTED, .os_error = error};
    text_appendf(faults, "the engine at %s: cannot connect: %s. ", server->text, strerror(error));
    remedy_append(server, &failure, &facts, faults);
    text_append_char(faults, '\n');
}

static void look_at_file(const struct options *options, struct text *faults)
{
    struct text bytes = TEXT_INIT, problem = TEXT_INIT;
    const char *path = options->file_path;
    bool has_company =
        options->follows_docker || options->follows_swarm || options->follows_consul;
    int error = file_watch_read(path, &bytes) ? 0 : errno;
    struct file *file = error == 0 ? file_parse(text_view(&bytes), has_company, &problem) : NULL;
    if (!file) {
        text_appendf(faults, "%s: %s. ", path, error == 0 ? text_str(&problem) : strerror(error));
        file_remedy_append(path, error, surroundings_are_container(), geteuid(), faults);
        text_append_char(faults, '\n');
    }
    file_free(file);
    text_fini(&bytes);
    text_fini(&problem);
}

static void look_at_token(const char *path, struct text *faults)
{
    if (path && access(path, R_OK) != 0)
        text_appendf(faults,
                     "CONSUL_HTTP_TOKEN_FILE: \"%s\": %s; put the token there, or unset the "
                     "variable\n",
                     path, strerror(errno));
}

void preview_append(const struct options *options, struct text *faults)
{
    if (options->follows_docker)
        look_at_engine(&options->docker, faults);
    if (options->follows_swarm)
        look_at_engine(&options->swarm, faults);
    if (options->file_path)
        look_at_file(options, faults);
    if (options->follows_consul)
        look_at_token(options->consul.agent.token_file, faults);
}
