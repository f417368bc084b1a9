#include "discovery/dialect/fabio.h"

#include <stdlib.h>

#include "discovery/clean.h"
#include "discovery/dialect/fabio_options.h"
#include "discovery/dialect/fabio_streams.h"
#include "discovery/dialect/port_words.h"
#include "discovery/dialect/registrator.h"
#include "discovery/dialect/registrator_ports.h"
#include "discovery/dialect/site.h"

/* Of a tag, where it is told which one it was. */
#define TAG_SHOWN_BYTES_MAX 128

/* ---- routes --------------------------------------------------------------------------------- */

/* HOST/PATH. */
static bool read_source(struct fabio_wishes *wishes, struct view source)
{
    ptrdiff_t slash = view_find(source, '/');
    const char *problem = NULL;
    struct route_pattern hosts[SITE_PATTERNS_MAX];
    if (view_find(source, '$') >= 0)
        problem = "what stands for fabio's own environment is not supported";
    else if (view_starts_with(source, VIEW(":")))
        problem = "a port alone is for proto=tcp";
    else if (slash < 0)
        problem = "it has no / behind the host";
    if (problem) {
        fabio_options_remark(wishes, problem);
        return false;
    }
    struct view host = view_of(source.ptr, (size_t)slash), path = view_skip(source, (size_t)slash);
    wishes->route.path = (struct route_pattern){ROUTE_PATH_START, {"", 0}};
    if (path.len > 1)
        wishes->route.path.text = claims_keep(wishes->claims, path);
    if (host.len > 0 && host.ptr[0] != '~') {
        site_read_host(wishes->claims, host, hosts);
        wishes->route.host = hosts[0];
    }
    wishes->route.service = claims_name_pool(wishes->claims, wishes->route.host.text, path);
    return true;
}

static void add(struct fabio_wishes *wishes)
{
    fabio_options_settle(wishes);
    route_wishes_take(&wishes->options, "", wishes->claims, &wishes->route);
    wishes->server.service = wishes->route.service;
    if (claims_add(wishes->claims, &wishes->route) && wishes->route.answer_status == 0)
        claims_add_server(wishes->claims, &wishes->server);
}

void fabio_read_tag(struct claims *claims, struct view tag, uint16_t port, const char *from)
{
    static const struct view prefix = {"urlprefix-", 10};
    struct fabio_wishes wishes = {
        .claims = claims,
        .tag = tag,
        .server = {.port = port, .protocol = "http", .port_from = "the word SERVICE_<port>_TAGS"}};
    struct view rest = tag;
    if (!view_starts_with(tag, prefix))
        return;
    rest = view_skip(rest, prefix.len);
    if (fabio_streams_read(claims, rest, port, from))
        return;
    claims->is_asked = true;
    wishes.route.dialect = VIEW("fabio");
    wishes.route.label = claims_keep(claims, view_str(from));
    if (!read_source(&wishes, view_cut(&rest, ' ')))
        return;
    while (rest.ptr) {
        struct view option = view_cut(&rest, ' ');
        if (option.len > 0)
            fabio_options_read(&wishes, option);
    }
    if (!wishes.is_left_out)
        add(&wishes);
}

/* ---- all of them ---------------------------------------------------------------------------- */

/* Of the words for one port, or, 0, for all; they lead to `port`, 0: to whichever it is. */
static void read_tags(const struct statement_source *source, uint16_t word_port, uint16_t port,
                      struct claims *claims)
{
    char from[STATEMENT_FROM_BYTES];
    json_t *tags = registrator_ports_tags(source, word_port, from);
    for (size_t i = 0; i < json_array_size(tags); i++) {
        struct view tag = view_str(json_string_value(json_array_get(tags, i)));
        char *shown = source->is_of_tags ? clean_copy(tag, TAG_SHOWN_BYTES_MAX) : NULL;
        fabio_read_tag(claims, tag, port, shown ? shown : from);
        free(shown);
    }
    json_decref(tags);
}

static bool is_ignored(const struct statement_source *source, uint16_t port)
{
    struct statement_of_port said = {0};
    registrator_read_port(source, port, &said);
    bool is_out = said.ignored_by[0] != '\0';
    statement_of_port_fini(&said);
    return is_out;
}

/* As registrator has it, each port has its own tags, or those for all. Where no port has any of its own,
 * and no two have names, they are for the one that lb chooses. */
void fabio_read(const struct statement_source *source, struct statement *statement)
{
    struct port_words tagged = {.count = 0}, all = {.count = 0};
    if (registrator_find(source, "SERVICE_IGNORE")[0] != '\0')
        return;
    port_words_add_named(&tagged, source, "TAGS");
    port_words_add_named(&all, source, "NAME");
    bool is_by_port = tagged.count > 0 || all.count > 1;
    if (tagged.count > 0)
        port_words_add_exposed(&all, source);
    port_words_add_named(&all, source, "TAGS");
    for (size_t i = 0; is_by_port && i < all.count; i++)
        if (!is_ignored(source, all.ports[i]))
            read_tags(source, port_words_has(&tagged, all.ports[i]) ? all.ports[i] : 0,
                      all.ports[i], &statement->claims);
    if (!is_by_port)
        read_tags(source, 0, 0, &statement->claims);
}
