#include "discovery/consul/agent_remedy.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/discovery/cmocka_all.h"

static void test_each_cause(void **state)
{
    static const struct {
        struct fetch_failure failure;
        const char *words;
    } cases[] = {
        {{.kind = FETCH_NOT_CONNECTED, .os_error = ECONNREFUSED}, "start the agent"},
        {{.kind = FETCH_NOT_CONNECTED, .os_error = ENOENT}, "no such socket"},
        {{.kind = FETCH_NOT_CONNECTED, .os_error = EACCES}, "unix_sockets"},
        {{.kind = FETCH_NOT_CONNECTED, .os_error = EHOSTUNREACH}, "CONSUL_HTTP_ADDR"},
        {{.kind = FETCH_NOT_RESOLVED}, "resolver"},
        {{.kind = FETCH_TIMED_OUT}, "says nothing"},
        {{.kind = FETCH_NOT_HTTP}, "https://"},
        {{.kind = FETCH_NOT_TRUSTED}, "CONSUL_CACERT"},
        {{.kind = FETCH_REFUSED, .status = 403}, "CONSUL_HTTP_TOKEN"},
        {{.kind = FETCH_REFUSED, .status = 401}, "CONSUL_HTTP_TOKEN"},
        {{.kind = FETCH_REFUSED, .status = 404}, "an agent of Consul"},
        {{.kind = FETCH_REFUSED, .status = 429}, "less often"},
        {{.kind = FETCH_REFUSED, .status = 503}, "limits"},
        {{.kind = FETCH_REFUSED, .status = 500}, "consul monitor"},
        {{.kind = FETCH_REFUSED, .status = 500, .sample = "No cluster leader"}, "raft"},
        {{.kind = FETCH_REFUSED,
          .status = 400,
          .sample = "Client sent an HTTP request to an HTTPS server."},
         "consul-tls://"},
        {{.kind = FETCH_REFUSED, .status = 400}, "agent of Consul"},
        {{.kind = FETCH_CUT_OFF}, "in a moment"},
        {{.kind = FETCH_FINE}, "in a moment"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        if (!strstr(agent_remedy_find(&cases[i].failure), cases[i].words))
            fail_msg("%zu: %s", i, agent_remedy_find(&cases[i].failure));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_cause),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
