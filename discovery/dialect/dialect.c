#include "discovery/dialect/dialect.h"

#include <stdlib.h>
#include <string.h>

#include "discovery/clean.h"
#include "discovery/dialect/certifying.h"
#include "discovery/dialect/fabio.h"
#include "discovery/dialect/hearing.h"
#include "discovery/dialect/lb_labels.h"
#include "discovery/dialect/listening.h"
#include "discovery/dialect/naming.h"
#include "discovery/dialect/port_choice.h"
#include "discovery/dialect/registrator.h"
#include "discovery/dialect/traefik_template.h"
#include "discovery/dialect/variables.h"
#include "lb/base/yes_no.h"
#include "lb/base/memory.h"
#include "lb/base/text.h"
#include "lb/contract/limits.h"

static const struct dialect dialects[] = {
    {.word = "lb",
     .route_from = "its route, by lb.host or lb.path",
     .listener_from = "its listener, by lb.tcp or lb.udp",
     .read = lb_labels_read},
    {.word = "nginx-proxy",
     .route_from = "its route, by words of nginx-proxy",
     .read = nginx_proxy_read},
    {.word = "traefik",
     .route_from = "its route, by labels of Traefik",
     .listener_from = "its listener, by labels of Traefik",
     .read = traefik_labels_read},
    {.word = "registrator",
     .route_from = "its route, by words of registrator",
     .read = registrator_read,
     .read_port = registrator_read_port},
    {.word = "fabio",
     .route_from = "its route, by tags of fabio",
     .listener_from = "its listener, by tags of fabio",
     .read = fabio_read},
};

const char *dialect_word_at(size_t index)
{
    return index < sizeof(dialects) / sizeof(dialects[0]) ? dialects[index].word : NULL;
}

/* As bits of the table; 0: there is no such dialect. */
static unsigned find_dialects(struct view word)
{
    for (size_t i = 0; i < sizeof(dialects) / sizeof(dialects[0]); i++)
        if (view_eq(word, view_str(dialects[i].word)))
            return 1u << i;
    return view_eq(word, VIEW("all")) ? (1u << sizeof(dialects) / sizeof(dialects[0])) - 1 : 0;
}

bool dialect_check_default_rule(struct view rule, struct text *problem)
{
    return traefik_template_check(rule, problem);
}

bool dialect_parse_list(struct view list, unsigned *silenced, struct view *wrong)
{
    unsigned heard = 0;
    do {
        struct view word = yes_no_trim(view_cut(&list, ','));
        unsigned found = find_dialects(word);
        if (found == 0) {
            *wrong = word;
            return false;
        }
        heard |= found;
    } while (list.ptr);
    *silenced = find_dialects(VIEW("all")) & ~heard;
    return true;
}

/* ---- all of it ------------------------------------------------------------------------------ */

/* What is unset in `options` is as `other` has it, which loses what is taken. */
static void fill_options(struct offer_options *options, struct offer_options *other)
{
    if (!options->network) {
        options->network = other->network;
        options->network_label = other->network_label;
        other->network = NULL;
    }
    if (options->weight == 1)
        options->weight = other->weight;
    if (!options->has_check && other->has_check) {
        options->has_check = true;
        options->check = other->check;
    }
    if (options->capacity.keepalive == CAPACITY_UNSAID)
        options->capacity.keepalive = other->capacity.keepalive;
}

/* The first dialect's that says any, and what is left unset there the next one's. */
static const struct offer_options *take_options(struct hearing *hearing, struct offers *out)
{
    size_t i = 0;
    while (i + 1 < hearing->count && !hearing->statements[i].has_options)
        i++;
    struct offer_options *options = &hearing->statements[i].options;
    for (i++; i < hearing->count; i++)
        if (hearing->statements[i].has_options)
            fill_options(options, &hearing->statements[i].options);
    return offers_keep_options(out, options);
}

static void join(struct text *all, const char *sentence)
{
    if (!sentence)
        return;
    text_append_str(all, all->len > 0 ? "; " : "");
    text_append_str(all, sentence);
}

static void take_remarks(struct hearing *hearing, struct offers *out)
{
    struct text all = TEXT_INIT;
    for (size_t i = 0; i < hearing->count; i++) {
        char *of_claims = claims_take_remark(&hearing->statements[i].claims);
        join(&all, hearing->statements[i].remark);
        join(&all, of_claims);
        free(of_claims);
    }
    if (all.len > 0)
        out->remark = clean_copy(text_view(&all), LIMITS_OBSTACLE_BYTES_MAX);
    text_fini(&all);
}

/* The first that says so, for the container's own ports. */
static void take_protocol(const struct hearing *hearing, struct offers *out)
{
    const char *protocol = NULL;
    for (size_t i = 0; i < hearing->count && !protocol; i++)
        protocol = hearing->statements[i].protocol;
    for (size_t i = 0; i < out->count && protocol; i++)
        out->items[i].protocol = protocol;
}

static void take_claims(struct hearing *hearing, struct offers *out)
{
    for (size_t i = 0; i < hearing->count; i++)
        offers_take_claims(out, &hearing->statements[i].claims, hearing->table[i].route_from);
    if (out->disabled_by)
        out->route_count = out->certificate_count = 0;
}

static bool leads_to(const struct offers *offers, struct view service)
{
    for (size_t i = 0; i < offers->route_count; i++)
        if (view_eq(offers->routes[i].service, service))
            return true;
    return false;
}

/* Whether it is in some service because somebody wants it there. */
static bool is_wanted(const struct offers *offers)
{
    for (size_t i = 0; i < offers->count; i++) {
        const struct offer *offer = &offers->items[i];
        if (!offer->is_guessed || offer->other_count > 0 ||
            leads_to(offers, view_str(offer->service)))
            return true;
    }
    return false;
}

/* Who asks for a site is not served without it, among what else has the same image: that would be for
 * other hosts, and without the protection that was asked for. */
static void find_lost_site(struct offers *out)
{
    static const char lost[] =
        "what it says of its site cannot be followed, and it is not served without that";
    bool is_asked = false;
    for (size_t i = 0; i < out->claims_count; i++)
        is_asked |= out->claims[i].is_asked;
    if (is_asked && !out->disabled_by && !is_wanted(out))
        offers_fail(out, LEFT_OUT_BAD_LABEL, memory_copy(lost, sizeof(lost) - 1));
}

/* In this order: a word that cannot be used, a port that is none, no port at all. */
static void find_fault(struct hearing *hearing, size_t porter, struct offers *out)
{
    static const char no_port[] =
        "it exposes no TCP port, and neither lb.port nor SERVICE_PORT names one";
    for (size_t i = 0; i < hearing->count; i++)
        if (hearing->statements[i].problem) {
            offers_fail(out, LEFT_OUT_BAD_LABEL, hearing->statements[i].problem);
            hearing->statements[i].problem = NULL;
        }
    if (porter < hearing->count && hearing->statements[porter].port_problem) {
        offers_fail(out, LEFT_OUT_BAD_PORT, hearing->statements[porter].port_problem);
        hearing->statements[porter].port_problem = NULL;
    }
    if (out->items[0].port == 0)
        offers_fail(out, LEFT_OUT_NO_PORT, memory_copy(no_port, sizeof(no_port) - 1));
    find_lost_site(out);
}

static void settle(struct hearing *hearing, struct offers *out)
{
    size_t porter = hearing_find_porter(hearing);
    size_t stern_count = hearing_count_stern(hearing);
    bool is_port_guessed = porter == hearing->count || hearing->statements[porter].port_count == 0;
    out->fault = LEFT_OUT_REASON_COUNT;
    out->items = memory_new(STATEMENT_PORTS_MAX * sizeof(out->items[0]));
    const struct offer_options *options = take_options(hearing, out);
    certifying_settle(hearing);
    take_remarks(hearing, out);
    if (hearing->requires_words && !hearing_is_asked(hearing))
        offers_disable(out, OFFERS_NO_WORD);
    for (size_t i = 0; i < stern_count; i++)
        if (hearing->statements[i].disabled_by)
            offers_disable(out, hearing->statements[i].disabled_by);
    port_choice_offer(hearing, porter, out);
    out->items = memory_resize(out->items, out->count * sizeof(out->items[0]));
    for (size_t i = 0; i < out->count; i++) {
        out->items[i].options = options;
        naming_name(hearing, &out->items[i], out);
    }
    take_protocol(hearing, out);
    out->is_named = strcmp(out->items[0].service_from, "lb.service") == 0;
    take_claims(hearing, out);
    listening_settle(hearing, is_port_guessed, out);
    listening_offer_udp(hearing, is_port_guessed, out);
    offers_settle_wishes(out);
    find_fault(hearing, porter, out);
}

static void hear(struct hearing *hearing, struct offers *out)
{
    const struct dialect_container *container = hearing->container;
    const struct dialect_settings *settings = container->settings;
    struct statement_source *source = &hearing->source;
    json_t *variables = variables_index(container->from.environment);
    *source = container->from;
    source->environment = variables;
    source->exposed = container->exposed;
    source->name = container->name;
    source->is_registered = settings && settings->registers;
    source->nginx_proxy = settings ? &settings->nginx_proxy : NULL;
    source->traefik = settings ? &settings->traefik : NULL;
    hearing->requires_words = settings && settings->requires_words;
    statement_init(&hearing->statements[0]); /* also where none is heard */
    for (size_t i = 0; i < hearing->count; i++) {
        statement_init(&hearing->statements[i]);
        hearing->table[i].read(source, &hearing->statements[i]);
    }
    settle(hearing, out);
    for (size_t i = 0; i < hearing->count; i++)
        statement_fini(&hearing->statements[i]);
    json_decref(variables);
}

void dialect_read_by(const struct dialect *table, size_t count,
                     const struct dialect_container *container, struct offers *out)
{
    struct hearing *hearing = memory_new(sizeof(*hearing));
    hearing->container = container;
    for (size_t i = 0; i < count; i++)
        if (!container->settings || !(container->settings->silenced >> i & 1))
            hearing->table[hearing->count++] = table[i];
    *out = (struct offers){0};
    hear(hearing, out);
    free(hearing);
}

void dialect_read(const struct dialect_container *container, struct offers *out)
{
    dialect_read_by(dialects, sizeof(dialects) / sizeof(dialects[0]), container, out);
}
