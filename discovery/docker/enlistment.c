#include "discovery/docker/enlistment.h"

#include <stdio.h>

#include "lb/contract/limits.h"

#define PROBE_INTERVAL_MS 10000u
#define PROBE_TIMEOUT_MS  5000u
/* A container that a signal has ended has this and more (registrator, -deregister on-success). */
#define EXIT_BY_SIGNAL 128

struct taking {
    struct enlistment *enlistment;
    const struct enlistment_settings *settings;
    struct roster *roster;
    const struct vantage *vantage;
    const char *host;
    struct registrations *out;
};

/* ---- how it lives --------------------------------------------------------------------------- */

static const struct offer_options *options_of(const struct container *container,
                                              const struct enlisted_port *port)
{
    const struct offers *offers = &container->offers;
    for (size_t i = 0; i < offers->count; i++)
        if (offers->items[i].port == port->port && offers_is_udp(&offers->items[i]) == port->is_udp)
            return offers->items[i].options;
    return offers->items[0].options;
}

/* Nobody has an answer from it now. */
static void hold(struct registration *item, const char *why)
{
    item->is_draining = true;
    item->health = REGISTRATION_CRITICAL;
    item->output = why;
}

static void judge_health(const struct container *container, struct registration *item)
{
    static const enum registration_health means[] = {
        [CONTAINER_HEALTH_NONE] = REGISTRATION_PASSING,
        [CONTAINER_HEALTH_STARTING] = REGISTRATION_WARNING,
        [CONTAINER_HEALTH_HEALTHY] = REGISTRATION_PASSING,
        [CONTAINER_HEALTH_UNHEALTHY] = REGISTRATION_CRITICAL,
    };
    item->health = means[container->health];
    item->output = container->health_output;
}

/* "ended with exit code 3" */
static const char *tell_end(const struct taking *taking, const struct container *container)
{
    char sentence[64];
    snprintf(sentence, sizeof(sentence), "ended with exit code %d", container->exit_code);
    return arena_copy(&taking->enlistment->texts, view_of(sentence, strlen(sentence) + 1)).ptr;
}

static void judge(const struct taking *taking, const struct member *member,
                  const struct member *owner, const struct offer_options *options,
                  struct registration *item)
{
    const struct container *container = member->container;
    if (item->check == REGISTRATION_CHECK_HEALTH)
        judge_health(container, item);
    item->is_draining = member->is_draining || (owner && owner->is_draining) || options->drains;
    if (!container->running)
        hold(item, tell_end(taking, container));
    else if (container->paused || (owner && owner->container->paused))
        hold(item, "paused");
}

/* ---- its check ------------------------------------------------------------------------------ */

static void probe_self(const struct taking *taking, struct registration *item)
{
    item->check = REGISTRATION_CHECK_PROBE;
    item->probe = (struct registration_probe){.url = taking->settings->self_check,
                                              .method = "GET",
                                              .text = "",
                                              .interval_ms = PROBE_INTERVAL_MS,
                                              .timeout_ms = PROBE_TIMEOUT_MS};
}

static bool has_self_check(const struct taking *taking)
{
    return taking->settings->self_check && taking->settings->self_check[0] != '\0';
}

/* What its words say comes first, then what lb knows of itself, then HEALTHCHECK. */
static void choose_check(const struct taking *taking, const struct container *container,
                         const struct enlisted_port *port, bool is_self, struct registration *item)
{
    const struct registrator_check_entry *check = &port->check;
    item->deregister_after = check->deregister_after;
    if (check->definition) {
        item->check = REGISTRATION_CHECK_AGENT;
        item->definition = check->definition;
    } else if (port->probe_url) {
        item->check = REGISTRATION_CHECK_PROBE;
        item->probe = (struct registration_probe){.url = port->probe_url,
                                                  .method = check->method,
                                                  .text = check->text,
                                                  .interval_ms = check->interval_ms,
                                                  .timeout_ms = check->timeout_ms};
    } else if (is_self && has_self_check(taking)) {
        probe_self(taking, item);
    } else if (container->health != CONTAINER_HEALTH_NONE &&
               !options_of(container, port)->ignores_health) {
        item->check = REGISTRATION_CHECK_HEALTH;
    }
}

/* ---- its entries ---------------------------------------------------------------------------- */

static void add_port(const struct taking *taking, const struct member *member,
                     const struct member *owner, const struct enlisted_port *port, bool is_self)
{
    const struct container *container = member->container;
    const struct offer_options *options = options_of(container, port);
    struct registration item = {
        .id = port->id,
        .name = port->name,
        .address = port->address,
        .port = port->outer,
        .weight = options->weight > 1 ? options->weight : 0,
        .tags = port->tags,
        .meta = port->meta,
        .container = container->id.text,
        .container_name = container->name,
        .container_port = port->port,
        .is_udp = port->is_udp,
    };
    choose_check(taking, container, port, is_self, &item);
    judge(taking, member, owner, options, &item);
    registrations_add(taking->out, &item);
}

static void tell(const struct taking *taking, const struct member *member, const char *sentence)
{
    registrations_add_remark(
        taking->out, &(struct registration_remark){.container_name = member->container->name,
                                                   .sentence = sentence});
}

static void tell_why_none(const struct taking *taking, const struct member *member)
{
    struct enlisted *enlisted = member->enlisted;
    if (!enlisted->why_none || enlisted->is_why_told)
        return;
    enlisted->is_why_told = true;
    registrations_add_remark(
        taking->out, &(struct registration_remark){.container_name = member->container->name,
                                                   .sentence = enlisted->why_none,
                                                   .is_news = true});
}

static void add_all(const struct taking *taking, const struct member *member,
                    const struct member *owner, bool is_self)
{
    const struct enlisted *enlisted = member->enlisted;
    size_t count = enlisted->count, room = LIMITS_ENDPOINTS_MAX - taking->out->count;
    for (size_t i = 0; i < count && i < room; i++)
        add_port(taking, member, owner, &enlisted->ports[i], is_self);
    if (enlisted->remark)
        tell(taking, member, enlisted->remark);
    tell_why_none(taking, member);
    if (count > room)
        tell(taking, member,
             "no more than 10000 ports of one host are registered: not all of its are");
}

static void forget(struct member *member)
{
    enlisted_free(member->enlisted);
    member->enlisted = NULL;
}

/* It stays as it was, but gets no requests. */
static bool stays_in_spite_of_end(const struct taking *taking, const struct member *member)
{
    const struct container *container = member->container;
    return taking->settings->only_on_success && member->enlisted && container->has_exit_code &&
           container->exit_code != 0 && container->exit_code < EXIT_BY_SIGNAL;
}

static void take_running(const struct taking *taking, struct member *member)
{
    const struct container *container = member->container;
    const struct member *owner = roster_network_owner(taking->roster, member);
    const char *self_name = taking->settings->self_name;
    bool is_self = engine_id_is_set(&taking->vantage->id) &&
                   engine_id_eq(&taking->vantage->id, &container->id);
    if (container->papers->keep_out || !owner || !owner->container->running ||
        (is_self && !(self_name && self_name[0] != '\0'))) {
        forget(member);
        return;
    }
    member->enlisted =
        enlisted_make(member->enlisted, &(struct enlisted_subject){.container = container,
                                                                   .owner = owner->container,
                                                                   .vantage = taking->vantage,
                                                                   .settings = taking->settings,
                                                                   .host = taking->host,
                                                                   .is_self = is_self});
    add_all(taking, member, owner, is_self);
}

static void take_member(const struct taking *taking, struct member *member)
{
    if (member->is_hidden && !member->enlisted)
        return;
    if (member->container->running && member->container->papers)
        take_running(taking, member);
    else if (stays_in_spite_of_end(taking, member))
        add_all(taking, member, NULL, false);
    else
        forget(member);
}

/* ---- lb on the host ------------------------------------------------------------------------- */

static json_t *read_tags(const char *list)
{
    json_t *tags = json_array();
    struct view rest = view_str(list);
    while (rest.ptr) {
        struct view tag = view_trim(view_cut(&rest, ','));
        if (tag.len > 0)
            json_array_append_new(tags, json_stringn(tag.ptr, tag.len));
    }
    return tags;
}

static void take_self(const struct taking *taking)
{
    const struct enlistment_settings *settings = taking->settings;
    struct enlistment *enlistment = taking->enlistment;
    struct text id = TEXT_INIT;
    if (!taking->vantage->on_host || engine_id_is_set(&taking->vantage->id) ||
        settings->self_port == 0 || !settings->self_name || settings->self_name[0] == '\0')
        return;
    text_appendf(&id, "%s:%s:%u", taking->host, settings->self_name, settings->self_port);
    if (!enlistment->own_tags)
        enlistment->own_tags = read_tags(settings->tags);
    struct registration item = {
        .id = arena_copy(&enlistment->texts, view_of(id.bytes, id.len + 1)).ptr,
        .name = settings->self_name,
        .address = settings->advertise ? settings->advertise : "",
        .port = settings->self_port,
        .container_port = settings->self_port,
        .tags = enlistment->own_tags,
    };
    text_fini(&id);
    if (has_self_check(taking))
        probe_self(taking, &item);
    registrations_add(taking->out, &item);
}

/* ---- all of it ------------------------------------------------------------------------------ */

void enlistment_take(struct enlistment *enlistment, struct roster *roster,
                     const struct vantage *vantage, const char *host, const char *engine,
                     struct registrations *out)
{
    struct taking taking = {.enlistment = enlistment,
                            .settings = enlistment->settings,
                            .roster = roster,
                            .vantage = vantage,
                            .host = host,
                            .out = out};
    registrations_clear(out);
    arena_fini(&enlistment->texts);
    out->host = host;
    out->engine = engine;
    for (size_t i = 0; i < roster->count; i++)
        take_member(&taking, roster->members[i]);
    take_self(&taking);
    registrations_sort(out);
}

void enlistment_fini(struct enlistment *enlistment)
{
    arena_fini(&enlistment->texts);
    json_decref(enlistment->own_tags);
    enlistment->own_tags = NULL;
}
