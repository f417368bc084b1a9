/* Each cause has the remedy that belongs to it. */
#include "discovery/docker/remedy.h"

#include <errno.h>

#include "tests/unit/discovery/cmocka_all.h"

static const struct server_url on_socket = {.text = "unix:///run/d.sock",
                                            .socket_path = "/run/d.sock"};
static const struct server_url on_default = {.text = "unix:///var/run/docker.sock",
                                             .socket_path = "/var/run/docker.sock"};
static const struct server_url on_tcp = {.text = "tcp://proxy:2375"};

/* A user of neither kind, before a socket as Docker makes it. */
#define STRANGER                                                                                   \
    .is_there = true, .is_socket = true, .mode = 0660, .owner = 0, .group = 998,                   \
    .group_name = "docker", .self = 10001, .self_name = "lb"

static const struct {
    const struct server_url *server;
    struct fetch_failure failure;
    struct remedy_facts facts;
    const char *says;
} cases[] = {
    {&on_socket,
     {.kind = FETCH_NOT_CONNECTED, .os_error = EACCES},
     {STRANGER, .in_container = true},
     "docker run --group-add 998 "},
    {&on_socket,
     {.kind = FETCH_NOT_CONNECTED, .os_error = EACCES},
     {STRANGER},
     "sudo usermod -aG docker lb, then log in anew"},
    {&on_socket,
     {.kind = FETCH_NOT_CONNECTED, .os_error = EACCES},
     {.in_container = true,
      .is_there = true,
      .is_socket = true,
      .mode = 0600,
      .group = 998,
      .self = 10001},
     "docker run --user 0"},
    {&on_socket,
     {.kind = FETCH_NOT_CONNECTED, .os_error = EACCES},
     {.in_container = true,
      .is_there = true,
      .is_socket = true,
      .mode = 0660,
      .owner = 65534,
      .group = 65534,
      .self = 10001},
     "docker run --user 0"},
    {&on_socket,
     {.kind = FETCH_NOT_CONNECTED, .os_error = EACCES},
     {.is_folder = true, .in_container = true, .is_there = true, .mode = 0755, .self = 10001},
     "/run/d.sock is no socket: docker run -v made a folder of it"},
    {&on_socket,
     {.kind = FETCH_NOT_CONNECTED, .os_error = EACCES},
     {STRANGER, .has_group = true, .in_container = true},
     "--security-opt label=disable"},
    {&on_socket,
     {.kind = FETCH_NOT_CONNECTED, .os_error = EACCES},
     {.is_hidden = true, .self = 10001},
     "A folder on the way to /run/d.sock"},
    {&on_socket,
     {.kind = FETCH_NOT_CONNECTED, .os_error = ENOENT},
     {.in_container = true},
     "Nothing is at /run/d.sock: is the path right (--docker, DOCKER_HOST)?"},
    {&on_default,
     {.kind = FETCH_NOT_CONNECTED, .os_error = ENOENT},
     {.in_container = true},
     "docker run -v /var/run/docker.sock:/var/run/docker.sock."},
    {&on_socket,
     {.kind = FETCH_NOT_CONNECTED, .os_error = ENOENT},
     {.self = 0},
     "Nothing is at /run/d.sock"},
    {&on_default,
     {.kind = FETCH_NOT_CONNECTED, .os_error = ENOENT},
     {.self = 0},
     "systemctl start docker"},
    {&on_socket,
     {.kind = FETCH_NOT_CONNECTED, .os_error = ECONNREFUSED},
     {STRANGER},
     "The engine is down"},
    {&on_socket,
     {.kind = FETCH_NOT_CONNECTED, .os_error = ECONNREFUSED},
     {.is_folder = true, .in_container = true, .is_there = true},
     "docker run -v made a folder of it"},
    {&on_socket,
     {.kind = FETCH_NOT_CONNECTED, .os_error = ECONNREFUSED},
     {.is_there = true, .is_folder = true},
     "is no socket, but a folder"},
    {&on_socket,
     {.kind = FETCH_NOT_CONNECTED, .os_error = ECONNREFUSED},
     {.in_container = true, .is_there = true},
     "is no socket, but a file"},
    {&on_tcp,
     {.kind = FETCH_NOT_CONNECTED, .os_error = ECONNREFUSED},
     {.self = 0},
     "Nothing listens at tcp://proxy:2375"},
    {&on_tcp,
     {.kind = FETCH_NOT_CONNECTED, .os_error = EHOSTUNREACH},
     {.self = 0},
     "can it be reached"},
    {&on_tcp, {.kind = FETCH_NOT_RESOLVED}, {.self = 0}, "Is the name right"},
    {&on_tcp, {.kind = FETCH_TIMED_OUT}, {.self = 0}, "says nothing"},
    {&on_tcp, {.kind = FETCH_NOT_HTTP}, {.self = 0}, "does not speak HTTP"},
    {&on_tcp, {.kind = FETCH_REFUSED, .status = 403}, {.self = 0}, "EVENTS=1"},
    {&on_tcp, {.kind = FETCH_REFUSED, .status = 401}, {.self = 0}, "/events"},
    {&on_tcp,
     {.kind = FETCH_REFUSED,
      .status = 400,
      .sample = "Client sent an HTTP request to an HTTPS server."},
     {.self = 0},
     "TLS"},
    {&on_tcp,
     {.kind = FETCH_REFUSED, .status = 400, .sample = "client version 1.9 is too old"},
     {.self = 0},
     "API 1.24"},
    {&on_tcp, {.kind = FETCH_REFUSED, .status = 404}, {.self = 0}, "no Docker engine"},
    {&on_tcp, {.kind = FETCH_REFUSED, .status = 502}, {.self = 0}, "in trouble"},
    {&on_tcp, {.kind = FETCH_CUT_OFF}, {.self = 0}, "asked again"},
};

static void test_engine(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct text out = TEXT_INIT;
        remedy_append(cases[i].server, &cases[i].failure, &cases[i].facts, &out);
        if (!strstr(text_str(&out), cases[i].says))
            fail_msg("case %zu: \"%s\" has no \"%s\"", i, text_str(&out), cases[i].says);
        text_fini(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_engine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
