#include "discovery/options_engine.h"

#include "discovery/docker/locator.h"
#include "discovery/engine_id.h"

#define DEFAULT_ENDPOINT "unix:///var/run/docker.sock"
#define MAX_RESYNC_S     86400

static const char server_accepted[] = SERVER_URL_ACCEPTED " is accepted";

static bool take_server(struct option_walk *walk, struct server_url *out)
{
    const char *problem;
    return server_url_parse(walk->value, out, &problem) ||
           option_walk_complain_value(walk, problem, server_accepted);
}

static bool take_optional_server(struct option_walk *walk, struct server_url *out)
{
    return option_walk_optional_value(walk, server_accepted) &&
           (!walk->value || take_server(walk, out));
}

bool options_engine_docker(struct option_walk *walk, struct options *out)
{
    out->follows_docker = true;
    return take_optional_server(walk, &out->docker);
}

bool options_engine_swarm(struct option_walk *walk, struct options *out)
{
    out->follows_swarm = true;
    return take_optional_server(walk, &out->swarm);
}

bool options_engine_resync(struct option_walk *walk, struct options *out)
{
    static const char accepted[] = "a number of seconds from 1 to 86400 is accepted";
    uint64_t seconds;
    if (!option_walk_value(walk, accepted))
        return false;
    if (!view_parse_u64(view_str(walk->value), UINT64_MAX, &seconds))
        return option_walk_complain_value(walk, "it is no whole number of seconds", accepted);
    if (seconds == 0 || seconds > MAX_RESYNC_S)
        return option_walk_complain_value(walk, seconds == 0 ? "it is too short" : "it is too long",
                                          accepted);
    out->resync_s = (uint32_t)seconds;
    return true;
}

/* As the engine has it: [a-zA-Z0-9][a-zA-Z0-9_.-]+ */
static bool is_container_name(struct view text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!is_plain && (i == 0 || (c != '_' && c != '.' && c != '-')))
            return false;
    }
    return text.len >= 2 && text.len <= LOCATOR_SELF_BYTES_MAX;
}

bool options_engine_self(struct option_walk *walk, struct options *out)
{
    static const char accepted[] = "a container's id (12 to 64 lower-case hexadecimal digits) or "
                                   "name (at most 64 letters, digits "
                                   "and _.-), or \"none\", is accepted";
    if (!option_walk_value(walk, accepted))
        return false;
    if (!is_container_name(view_str(walk->value)))
        return option_walk_complain_value(walk, "it is no id and no name", accepted);
    out->self = walk->value;
    return true;
}

static bool is_open(bool is_followed, const struct server_url *server)
{
    return is_followed && server->text[0] == '\0';
}

static bool refuse_tls(bool is_followed, const struct server_url *server, const char *verify,
                       struct text *problem)
{
    if (!is_followed || server->socket_path[0] != '\0' || !option_walk_is_given(verify))
        return true;
    text_append_str(problem, "DOCKER_TLS_VERIFY: TLS to the engine is not supported; unset it, or "
                             "use unix:///path (a tunnel to a remote engine, for example)");
    return false;
}

/* The engine of the swarm is that of Docker, unless one is named. */
static bool take_engines(const struct options_environment *environment, bool needs_docker,
                         struct options *out, struct text *problem)
{
    struct option_walk walk =
        option_walk_variable("DOCKER_HOST", environment->docker_host, problem);
    if (is_open(out->follows_swarm, &out->swarm))
        out->swarm = out->docker;
    if (!is_open(needs_docker, &out->docker) && !is_open(out->follows_swarm, &out->swarm))
        return true;
    if (!option_walk_is_given(walk.value))
        walk.value = environment->docker_found ? environment->docker_found : DEFAULT_ENDPOINT;
    return (!is_open(needs_docker, &out->docker) || take_server(&walk, &out->docker)) &&
           (!is_open(out->follows_swarm, &out->swarm) || take_server(&walk, &out->swarm));
}

bool options_engine_finish(const struct options_environment *environment, struct options *out,
                           struct text *problem)
{
    bool needs_docker = out->follows_docker || out->registers;
    const char *verify = environment->docker_tls_verify;
    struct option_walk self =
        option_walk_variable("LB_CONTAINER_ID", environment->container_id, problem);
    if (!take_engines(environment, needs_docker, out, problem) ||
        !refuse_tls(needs_docker, &out->docker, verify, problem) ||
        !refuse_tls(out->follows_swarm, &out->swarm, verify, problem))
        return false;
    return out->self || !option_walk_is_given(self.value) || options_engine_self(&self, out);
}
