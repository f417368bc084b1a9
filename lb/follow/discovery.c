#include "lb/follow/discovery.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lb/base/memory.h"

/* The least that lb-discovery takes. */
#define TTL_MIN_S        3
#define DEREGISTER_MIN_S 60

/* Of one string of an environment; names beyond it are not told. */
#define LIST_MAX_BYTES 100000

void discovery_find_program(const struct config *config, char program[CHILD_PATH_BYTES])
{
    if (config->discovery_program)
        snprintf(program, CHILD_PATH_BYTES, "%s", config->discovery_program);
    else
        helper_plan_find("lb-discovery", program);
}

/* ---- arguments -------------------------------------------------------------------------------- */

/* "--flag", or "--flag=value". */
static void add_flag(struct helper_words *words, const char *flag, const char *value)
{
    bool has_value = value && value[0] != '\0';
    helper_words_add(words, "--%s%s%s", flag, has_value ? "=" : "", has_value ? value : "");
}

static void add_given(struct helper_words *words, const char *flag, const char *value)
{
    if (value)
        add_flag(words, flag, value);
}

/* As lb-discovery has it: whole seconds. */
static void add_time(struct helper_words *words, const char *flag, uint64_t ms, uint64_t min_s)
{
    uint64_t seconds = (ms + 999) / 1000;
    helper_words_add(words, "--%s=%" PRIu64 "s", flag, seconds < min_s ? min_s : seconds);
}

static void add_sources(const struct config *config, struct helper_words *words)
{
    unsigned sources = config->sources;
    if (sources & CONFIG_SOURCE_FILE)
        helper_words_add(words, "--file=%s", config->file_path);
    if (sources & CONFIG_SOURCE_SWARM)
        add_flag(words, "swarm", config->swarm_endpoint);
    if (sources & CONFIG_SOURCE_DOCKER)
        add_flag(words, "docker", config->docker_endpoint);
    if (sources & CONFIG_SOURCE_CONSUL)
        add_flag(words, "consul", config->catalog.consul);
}

static void add_catalog(const struct config_catalog *catalog, struct helper_words *words)
{
    for (unsigned i = 0; i < catalog->port_count; i++)
        add_flag(words, "consul-port", catalog->ports[i]);
    add_given(words, "consul-address", catalog->address_key);
    add_given(words, "consul-node", catalog->node);
}

static void add_registrar(const struct config_catalog *catalog, struct helper_words *words)
{
    add_flag(words, "register", catalog->registrar);
    add_given(words, "advertise", catalog->advertise);
    add_given(words, "register-tags", catalog->tags);
    add_given(words, "register-name", catalog->own_name);
    add_given(words, "host-name", catalog->host_name);
    if (catalog->is_internal)
        add_flag(words, "register-internal", NULL);
    if (catalog->is_explicit)
        add_flag(words, "register-explicit", NULL);
    if (catalog->cleans_up)
        add_flag(words, "register-cleanup", NULL);
    if (catalog->only_on_success)
        add_flag(words, "deregister", "on-success");
    if (catalog->ttl_ms > 0)
        add_time(words, "register-ttl", catalog->ttl_ms, TTL_MIN_S);
    if (catalog->deregister_after_ms > 0)
        add_time(words, "deregister-after", catalog->deregister_after_ms, DEREGISTER_MIN_S);
    else
        add_flag(words, "deregister-after", "off");
}

static void set_arguments(const struct config *config, struct helper_words *words)
{
    add_sources(config, words);
    if (config->sources & CONFIG_SOURCE_CONSUL)
        add_catalog(&config->catalog, words);
    if (config->catalog.registrar)
        add_registrar(&config->catalog, words);
}

/* ---- environment ------------------------------------------------------------------------------ */

static void set_dialects(const struct config *config, struct helper_words *words)
{
    helper_words_set(words, "LB_DIALECTS", config->dialects);
    helper_words_set(words, "LB_REQUIRE_LABEL", config->requires_label ? "on" : "off");
    helper_words_set(words, "LB_TRAEFIK_EXPOSED", config->exposed_by_default ? "on" : "off");
    helper_words_set(words, "LB_TRAEFIK_DEFAULT_RULE", config->default_rule);
    /* As nginx-proxy does, a site looks for its own file there. */
    helper_words_set(words, "LB_HTPASSWD_DIR", config->htpasswd_dir);
}

/* Appends a name unless it is there. */
static void append_name(struct view name, struct text *list)
{
    struct view rest = text_view(list);
    if (name.len == 0 || list->len + name.len + 1 > LIST_MAX_BYTES)
        return;
    while (rest.len > 0)
        if (view_eq(view_cut(&rest, ','), name))
            return;
    if (list->len > 0)
        text_append_char(list, ',');
    text_append(list, name);
}

static void append_listeners(const struct config_listener *listeners, unsigned count,
                             struct text *list)
{
    for (unsigned i = 0; i < count; i++)
        append_name(listeners[i].rule.service, list);
}

/* The services of the catalog that lb leads to by itself, whatever a line tells. */
static void set_services(const struct config *config, const char *service,
                         struct helper_words *words)
{
    struct text list = TEXT_INIT;
    for (unsigned i = 0; i < config->catalog.service_count; i++)
        append_name(view_str(config->catalog.services[i]), &list);
    append_name(view_str(service), &list);
    append_listeners(config->tcp, config->tcp_count, &list);
    append_listeners(config->udp, config->udp_count, &list);
    helper_words_set(words, "LB_CONSUL_SERVICES",
                     config->sources & CONFIG_SOURCE_CONSUL ? text_str(&list) : NULL);
    text_fini(&list);
}

static bool is_any(const struct address *address)
{
    return address->socket.any.sa_family == AF_INET6
               ? IN6_IS_ADDR_UNSPECIFIED(&address->socket.v6.sin6_addr)
               : address->socket.v4.sin_addr.s_addr == htonl(INADDR_ANY);
}

/* Where lb is, for its own entry in the catalog. */
static void set_places(const struct discovery_places *places, struct helper_words *words)
{
    char text[ADDRESS_TEXT_BYTES] = "", url[ADDRESS_TEXT_BYTES + sizeof("http:///readyz")];
    helper_words_set(words, "LB_DISCOVERY_LISTEN",
                     places->listen ? address_format(places->listen, text) : NULL);
    if (places->admin && is_any(places->admin))
        snprintf(text, sizeof(text), "127.0.0.1:%u", address_port(places->admin));
    else if (places->admin)
        address_format(places->admin, text);
    snprintf(url, sizeof(url), "http://%s/readyz", text);
    helper_words_set(words, "LB_DISCOVERY_READY", places->admin ? url : NULL);
}

/* What lb-discovery reads besides; not the token of the admin listener, nor whatever else lb was given. Its own secrets
 * (CONSUL_…, DOCKER_…) the master adds. */
static bool is_for_child(struct view entry)
{
    static const struct view names[] = {VIEW("XDG_RUNTIME_DIR"), VIEW("LB_CONTAINER_ID"),
                                        VIEW("DEFAULT_HOST"), VIEW("NETWORK_ACCESS")};
    if (helper_plan_passes_on(entry))
        return true;
    struct view name = view_cut(&entry, '=');
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (view_eq_nocase(name, names[i]))
            return true;
    return view_starts_with(name, VIEW("LB_DISCOVERY_"));
}

static void set_environment(const struct config *config, const struct discovery_places *places,
                            struct helper_words *words)
{
    for (size_t i = 0; environ[i]; i++)
        if (is_for_child(view_str(environ[i])))
            helper_words_add(words, "%s", environ[i]);
    helper_words_set(words, "LB_DISCOVERY_PARENT", "1"); /* so that it does not outlive lb */
    /* libcurl's LDAP and RTMP, which are not used, bring GnuTLS with them: unprepared it takes 0.8 MB less. */
    helper_words_set(words, "GNUTLS_NO_IMPLICIT_INIT", "1");
    helper_words_set(words, "LB_LOG_LEVEL", log_level_word(config->log_level)); /* one log of two */
    helper_words_set(words, "LB_LOG_FORMAT", log_format_word(config->log_format));
    helper_words_set(words, "LB_DISCOVERY_JAIL", helper_plan_jail_word(config->jail));
    set_dialects(config, words);
    set_services(config, places->service, words);
    set_places(places, words);
}

/* ---- all of it -------------------------------------------------------------------------------- */

void discovery_describe(const struct config *config, const struct discovery_places *places,
                        struct helper_plan *out)
{
    *out = (struct helper_plan){0};
    discovery_find_program(config, out->program);
    set_arguments(config, &out->arguments);
    set_environment(config, places, &out->environment);
}
