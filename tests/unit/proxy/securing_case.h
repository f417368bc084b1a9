/* Requests by http and by https, with certificates as a test says: who links this wraps tls_store_find,
 * tls_store_named, tls_store_client_ca, tls_store_default, tls_session_facts, tls_session_covers and
 * tls_session_is_judged_by. Includes cmocka. */
#ifndef TESTS_UNIT_PROXY_SECURING_CASE_H
#define TESTS_UNIT_PROXY_SECURING_CASE_H

#include "lb/front/h1_client_state.h"
#include "lb/tls/tls_session.h"
#include "tests/unit/proxy/filtering_case.h"

/* What is there of certificates, and who knocks. */
static struct {
    bool has_own, has_named, has_default; /* of a.test; "shared"; default */
    struct tls_host own, named, usual, other;
    struct tls_client_ca *own_ca; /* a.test.ca.crt; NULL: there is none */
    struct tls_session_facts facts;
    const struct tls_client_ca *judge; /* of the client; NULL: nobody asked it for a certificate */
    const char *covered;               /* beside the server name: one host; NULL: none */
} tls;

const struct tls_host *__wrap_tls_store_find(const struct tls_store *store, struct view name,
                                             enum tls_match *match);
const struct tls_host *__wrap_tls_store_named(const struct tls_store *store, struct view name);
struct tls_client_ca *__wrap_tls_store_client_ca(const struct tls_store *store, struct view name);
const struct tls_host *__wrap_tls_store_default(const struct tls_store *store);
const struct tls_session_facts *__wrap_tls_session_facts(const struct tls_session *session);
bool __wrap_tls_session_covers(const struct tls_session *session, struct view host);
bool __wrap_tls_session_is_judged_by(const struct tls_session *session,
                                     const struct tls_client_ca *ca);

const struct tls_host *__wrap_tls_store_find(const struct tls_store *store, struct view name,
                                             enum tls_match *match)
{
    (void)store;
    if (match)
        *match = TLS_MATCH_EXACT;
    if (view_eq(name, VIEW("b.test")))
        return &tls.other;
    return tls.has_own && (view_eq(name, VIEW("a.test")) || view_eq(name, VIEW("[2001:db8::1]")))
               ? &tls.own
               : NULL;
}

const struct tls_host *__wrap_tls_store_named(const struct tls_store *store, struct view name)
{
    (void)store;
    return tls.has_named && view_eq(name, VIEW("shared")) ? &tls.named : NULL;
}

struct tls_client_ca *__wrap_tls_store_client_ca(const struct tls_store *store, struct view name)
{
    (void)store;
    return view_eq(name, VIEW("a.test")) ? tls.own_ca : NULL;
}

const struct tls_host *__wrap_tls_store_default(const struct tls_store *store)
{
    (void)store;
    return tls.has_default ? &tls.usual : NULL;
}

const struct tls_session_facts *__wrap_tls_session_facts(const struct tls_session *session)
{
    (void)session;
    return &tls.facts;
}

bool __wrap_tls_session_covers(const struct tls_session *session, struct view host)
{
    (void)session;
    return tls.covered && view_eq(host, view_str(tls.covered));
}

bool __wrap_tls_session_is_judged_by(const struct tls_session *session,
                                     const struct tls_client_ca *ca)
{
    (void)session;
    return tls.judge == ca;
}

static char pretended; /* whatever a pointer leads to that nobody follows */

static inline void listen_for_tls(bool listens)
{
    world.env.tls_server = listens ? (void *)&pretended : NULL;
    world.env.certificates = listens ? (void *)&pretended : NULL;
}

/* Hands were shaken with the client, which asked for that name. */
static inline void shake_hands(const char *server_name)
{
    struct h1_client *one = list_entry(world.env.crowd.idle_clients.prev, struct h1_client, node);
    tls.facts.server_name = view_str(server_name);
    one->front.tls = (void *)&pretended;
}

static inline int set_up_tls(void **state)
{
    memset(&tls, 0, sizeof(tls));
    set_up(state);
    world.env.options.https.method = HTTPS_REDIRECT;
    listen_for_tls(true);
    return 0;
}

static inline int tear_down_tls(void **state)
{
    listen_for_tls(false);
    return tear_down(state);
}

#define OPTIONS_MAX 8u

/* "https=nohttp; hsts=off": all requests go by a route that says so. */
static inline void route_saying(const char *said)
{
    struct route_option options[OPTIONS_MAX];
    struct text problem = TEXT_INIT;
    struct route route = {
        .service = VIEW("appserver"), .label = VIEW("the route"), .options = options};
    for (struct view rest = view_str(said); rest.len > 0;) {
        struct view value = view_trim(view_cut(&rest, '|')), word = view_cut(&value, '=');
        options[route.option_count++] = (struct route_option){route_option_parse(word), value};
    }
    if (!route_check(&route, &problem))
        fail_msg("%s", text_str(&problem));
    text_fini(&problem);
    struct route_table *before = table;
    world.routes = table = route_table_new(&route, 1, NULL);
    world_publish(&world, "r");
    route_table_unref(before);
}

#define TEST_TLS(name) cmocka_unit_test_setup_teardown(name, set_up_tls, tear_down_tls)

#endif
