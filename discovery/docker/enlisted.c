#include "discovery/docker/enlisted.h"

#include <stdio.h>
#include <stdlib.h>

#include "discovery/clean.h"
#include "discovery/dialect/registrator.h"
#include "discovery/docker/papers.h"
#include "discovery/docker/placement.h"
#include "discovery/docker/seats.h"
#include "lb/base/hash.h"
#include "lb/base/memory.h"
#include "lb/contract/limits.h"

/* A port, and where lb itself reaches it if it is to look into an answer's body. */
struct place {
    const struct seat *seat;
    char text[ADDRESS_TEXT_BYTES]; /* "10.0.0.2:80"; "": lb does not ask */
};

/* ---- where ---------------------------------------------------------------------------------- */

static void format_place(const char *ip, uint16_t port, char text[ADDRESS_TEXT_BYTES])
{
    struct address address;
    text[0] = '\0';
    if (address_parse_ip(view_str(ip), port, &address))
        address_format(&address, text);
}

/* lb's own way to the port, which need not be that of other hosts. */
static void find_place(const struct enlisted_subject *subject, const struct seat *seat,
                       struct place *out)
{
    struct statement_source source = papers_source(subject->container->papers);
    struct placement placement;
    *out = (struct place){.seat = seat};
    if (seat->is_udp || !registrator_check_entry_probes(&source, seat->port))
        return;
    struct offer offer = {.port = seat->port,
                          .protocol = "http",
                          .options = subject->container->offers.items[0].options};
    placement_find(&offer, subject->container, subject->owner, subject->vantage, &placement);
    if (placement.is_usable)
        format_place(placement.address, placement.port, out->text);
    else
        format_place(seat->near, seat->outer, out->text);
    placement_fini(&placement);
}

static bool is_named(const struct container *container, uint16_t port)
{
    struct statement_source source = papers_source(container->papers);
    char word[32];
    snprintf(word, sizeof(word), "SERVICE_%u_NAME", port);
    return registrator_find(&source, word)[0] != '\0';
}

/* lb's own container is found by where it listens, whatever else it exposes; but for ports that have a name
 * of their own. Without that port it is as any other container. */
static void keep_listening(const struct enlisted_subject *subject, struct seats *seats)
{
    size_t kept = 0;
    if (!seats_of(seats, subject->settings->self_port, false))
        return;
    for (size_t i = 0; i < seats->count; i++) {
        const struct seat *seat = &seats->items[i];
        bool is_listening = seat->port == subject->settings->self_port && !seat->is_udp;
        if (is_listening || is_named(subject->container, seat->port))
            seats->items[kept++] = *seat;
    }
    seats->count = kept;
}

/* lb's own container on the host's network exposes who knows what: it is where it listens. */
static void find_seats(const struct enlisted_subject *subject, struct seats *seats)
{
    const struct enlistment_settings *settings = subject->settings;
    seats_find(subject->container, subject->owner, subject->vantage, settings, seats);
    if (subject->is_self && !subject->owner->is_host_network)
        keep_listening(subject, seats);
    if (!subject->is_self || !subject->owner->is_host_network || settings->self_port == 0)
        return;
    const char *advertise = settings->advertise;
    seats->count = 1;
    seats->items[0] = (struct seat){.port = settings->self_port, .outer = settings->self_port};
    snprintf(seats->items[0].address, ADDRESS_TEXT_BYTES, "%s", advertise ? advertise : "");
    snprintf(seats->items[0].near, ADDRESS_TEXT_BYTES, "%s", advertise ? advertise : "127.0.0.1");
}

static uint64_t hash_all(const struct enlisted_subject *subject, const struct place *places,
                         size_t count)
{
    uint64_t hash = hash_mix(subject->container->papers->hash + subject->is_self);
    hash = hash_str(hash_str(hash, subject->host), subject->container->name);
    for (size_t i = 0; i < count; i++) {
        const struct seat *seat = places[i].seat;
        hash = hash_mix(hash + ((uint64_t)seat->port << 32 | (uint64_t)seat->outer << 8 |
                                (unsigned)seat->is_udp << 1 | seat->is_loopback));
        hash = hash_str(hash_str(hash_str(hash, seat->address), seat->near), places[i].text);
    }
    return hash != 0 ? hash : 1;
}

/* ---- what ----------------------------------------------------------------------------------- */

static void tell(struct text *remark, const char *sentence)
{
    if (remark->len < LIMITS_SENTENCE_BYTES_MAX)
        text_appendf(remark, "%s%s", remark->len > 0 ? "; " : "", sentence);
}

static json_t *list_ports(const struct seats *seats)
{
    json_t *ports = json_object();
    for (size_t i = 0; i < seats->count; i++) {
        char key[16];
        snprintf(key, sizeof(key), "%u/%s", seats->items[i].port,
                 seats->items[i].is_udp ? "udp" : "tcp");
        json_object_set_new(ports, key, json_null());
    }
    return ports;
}

static const char *name_image(const struct enlisted_subject *subject)
{
    const struct container *container = subject->container;
    if (subject->is_self)
        return subject->settings->self_name;
    return container->papers->image[0] != '\0' ? container->papers->image : container->name;
}

static void read_check(const struct enlisted_subject *subject, const struct place *place,
                       struct text *remark, struct enlisted_port *port)
{
    registrator_check_entry_read(
        &(struct registrator_check_subject){.from = papers_source(subject->container->papers),
                                            .port = port->port,
                                            .is_udp = port->is_udp,
                                            .address = place->seat->near,
                                            .outer = place->seat->outer},
        remark, &port->check);
    if (!port->check.path)
        return;
    struct text url = TEXT_INIT;
    text_appendf(&url, "http://%s%s", place->text, port->check.path);
    port->probe_url = url.bytes;
}

/* What other hosts do not reach is there all the same: they may not need to. */
static void tell_of_loopback(const struct seat *seat, struct text *remark)
{
    char sentence[200];
    snprintf(sentence, sizeof(sentence),
             "its port %u is published on the loopback address alone: other hosts do not reach it; "
             "publish it on another address",
             seat->port);
    if (seat->is_loopback)
        tell(remark, sentence);
}

/* Takes what is in `entry`. */
static void take_entry(const struct enlisted_subject *subject, const struct place *place,
                       struct registrator_entry *entry, struct text *remark,
                       struct enlisted_port *out)
{
    *out = (struct enlisted_port){.id = entry->id,
                                  .name = entry->name,
                                  .tags = entry->tags,
                                  .meta = entry->meta,
                                  .port = entry->port,
                                  .outer = place->seat->outer,
                                  .is_udp = entry->is_udp};
    *entry = (struct registrator_entry){0};
    memcpy(out->address, place->seat->address, sizeof(out->address));
    read_check(subject, place, remark, out);
    if (!subject->settings->advertise)
        tell_of_loopback(place->seat, remark);
}

static void take_entries(const struct enlisted_subject *subject, const struct place *places,
                         size_t place_count, struct registrator_ports *entries,
                         struct enlisted *out)
{
    struct text remark = entries->remark;
    entries->remark = TEXT_INIT;
    out->ports = memory_new((entries->count + 1) * sizeof(out->ports[0]));
    for (size_t i = 0; i < entries->count; i++) {
        struct registrator_entry *entry = &entries->items[i];
        size_t at = 0;
        while (at < place_count &&
               (places[at].seat->port != entry->port || places[at].seat->is_udp != entry->is_udp))
            at++;
        if (at < place_count)
            take_entry(subject, &places[at], entry, &remark, &out->ports[out->count++]);
    }
    if (subject->container->papers->is_cut)
        tell(&remark, "its SERVICE_ words are more, or longer, than are looked at");
    if (remark.len > 0)
        out->remark = clean_copy(text_view(&remark), LIMITS_OBSTACLE_BYTES_MAX);
    text_fini(&remark);
}

static void read_entries(const struct enlisted_subject *subject, const struct seats *seats,
                         struct registrator_ports *out)
{
    json_t *ports = list_ports(seats);
    registrator_ports_read(
        &(struct registrator_subject){
            .from = papers_source(subject->container->papers),
            .ports = ports,
            .image_name = name_image(subject),
            .host = subject->host,
            .container = subject->container->name,
            .tags = subject->settings->tags,
            .has_sole_name =
                subject->is_self && seats_of(seats, subject->settings->self_port, false),
            .is_explicit = subject->settings->is_explicit && !subject->is_self},
        out);
    json_decref(ports);
    if (seats->has_more)
        tell(&out->remark, "it has more than 64 ports: the others are not registered");
}

static const char *explain_no_seat(const struct enlisted_subject *subject)
{
    if (subject->container->papers->port_count == 0)
        return "it is not registered: it exposes no port; publish one (docker run --publish)";
    return subject->settings->is_internal
               ? "it is not registered: it has no address on a network of its own; connect it to "
                 "one (docker network connect)"
               : "it is not registered: none of its ports is published; publish one (docker run "
                 "--publish), or give --register-internal where other hosts reach containers";
}

static const char *explain_none(const struct enlisted_subject *subject, const struct seats *seats)
{
    if (seats->count == 0)
        return explain_no_seat(subject);
    return subject->settings->is_explicit && !subject->is_self
               ? "it is not registered, as --register-explicit asks for a SERVICE_NAME; give it "
                 "one, and no SERVICE_<port>_IGNORE"
               : "it is not registered, as it has SERVICE_<port>_IGNORE for all of its ports; "
                 "create it anew without one";
}

struct enlisted *enlisted_make(struct enlisted *enlisted, const struct enlisted_subject *subject)
{
    struct seats seats;
    struct place places[REGISTRATOR_PORTS_MAX];
    struct registrator_ports entries;
    find_seats(subject, &seats);
    for (size_t i = 0; i < seats.count; i++)
        find_place(subject, &seats.items[i], &places[i]);
    uint64_t hash = hash_all(subject, places, seats.count);
    if (enlisted && enlisted->made_of == hash)
        return enlisted;
    enlisted_free(enlisted);
    enlisted = memory_new(sizeof(*enlisted));
    enlisted->made_of = hash;
    read_entries(subject, &seats, &entries);
    take_entries(subject, places, seats.count, &entries, enlisted);
    registrator_ports_fini(&entries);
    if (enlisted->count == 0)
        enlisted->why_none = explain_none(subject, &seats);
    return enlisted;
}

void enlisted_free(struct enlisted *enlisted)
{
    if (!enlisted)
        return;
    for (size_t i = 0; i < enlisted->count; i++) {
        struct enlisted_port *port = &enlisted->ports[i];
        free(port->id);
        free(port->name);
        json_decref(port->tags);
        json_decref(port->meta);
        registrator_check_entry_fini(&port->check);
        free(port->probe_url);
    }
    free(enlisted->ports);
    free(enlisted->remark);
    free(enlisted);
}
