#include "discovery/dialect/lb_labels.h"

#include <stdio.h>
#include <stdlib.h>

#include "discovery/clean.h"
#include "discovery/engine_id.h"
#include "discovery/field.h"
#include "discovery/set.h"
#include "discovery/dialect/misspelling.h"
#include "discovery/dialect/registrator.h"
#include "discovery/dialect/yes_no.h"
#include "lb/base/memory.h"
#include "lb/base/text.h"
#include "lb/contract/limits.h"

/* Longest value quoted in a sentence for humans. */
#define QUOTED_BYTES 64

/* One value and where it stood, for messages. Empty when there is none. */
struct setting {
    struct view text;
    const char *from;
};

static struct view trim(const char *value)
{
    return yes_no_trim(view_str(value));
}

/* Empty values count as not given: `SERVICE_NAME=${UNSET}` is a common way to write nothing. */
static struct setting find_first(const struct registrator *from, const char *label,
                                 const char *variable)
{
    struct setting found = {trim(field_str(from->labels, label)), label};
    if (found.text.len == 0)
        found = (struct setting){trim(registrator_find(from, variable)), variable};
    return found;
}

/* "registry:5000/foo/bar:tag@sha256:…" → "bar"; an id, whole or short, gives the empty view. */
static struct view image_base_name(const char *image)
{
    struct view name = view_str(image);
    if (view_starts_with(name, VIEW("sha256:")))
        return view_of("", 0);
    name = view_cut(&name, '@');
    for (ptrdiff_t slash; (slash = view_find(name, '/')) >= 0;)
        name = view_skip(name, (size_t)slash + 1);
    name = view_cut(&name, ':');
    return engine_id_is_prefix(name, 12) ? view_of("", 0) : name;
}

static char *complain(const char *name, struct view value, const char *accepted)
{
    char *shown = clean_copy(value, QUOTED_BYTES);
    struct text text = TEXT_INIT;
    text_appendf(&text, "%s=\"%s\" cannot be used: %s", name, shown, accepted);
    free(shown);
    return text.bytes;
}

static void complain_label(struct lb_labels *asked, const char *name, const char *value,
                           const char *accepted)
{
    if (!asked->label_problem)
        asked->label_problem = complain(name, view_str(value), accepted);
}

static struct setting find_service(const struct lb_labels *asked,
                                   const struct lb_labels_source *source,
                                   const struct registrator *from,
                                   char name[REGISTRATOR_NAME_BYTES])
{
    uint16_t port = asked->port > 0 ? asked->port : source->exposed_port;
    struct setting found = {trim(field_str(source->labels, "lb.service")), "lb.service"};
    if (found.text.len == 0 && port > 0)
        found = (struct setting){trim(registrator_find_for_port(from, port, "NAME", name)), name};
    return found.text.len > 0 ? found : find_first(from, "lb.service", "SERVICE_NAME");
}

static void read_service(struct lb_labels *asked, const struct lb_labels_source *source,
                         const struct registrator *from)
{
    char variable[REGISTRATOR_NAME_BYTES];
    struct setting name = find_service(asked, source, from, variable);
    struct view service = name.text;
    asked->is_named = service.len > 0 && strcmp(name.from, "lb.service") == 0;
    if (!clean_is_clean(service, LIMITS_NAME_BYTES_MAX) && !asked->label_problem)
        asked->label_problem =
            complain(name.from, service,
                     "a name of at most 512 bytes without control characters is accepted");
    const char *said_by = service.len > 0 ? name.from : "the name of its image";
    if (service.len == 0)
        service = image_base_name(source->image);
    if (service.len == 0) {
        service = view_str(source->container_name);
        said_by = "its own name";
    }
    asked->service = clean_copy(service, LIMITS_NAME_BYTES_MAX);
    asked->service_from = memory_copy(said_by, strlen(said_by));
}

/* A label that says yes or no; `otherwise` where it says nonsense. */
static bool read_yes(struct lb_labels *asked, const char *label, const char *value, bool otherwise)
{
    enum yes_no answer = yes_no_read(view_str(value));
    if (answer == YES_NO_NEITHER)
        complain_label(asked, label, value, "true or false is accepted");
    return answer == YES_NO_NEITHER ? otherwise : answer == YES_NO_YES;
}

static void disable(struct lb_labels *asked, char *disabled_by)
{
    if (asked->disabled_by)
        free(disabled_by);
    else
        asked->disabled_by = disabled_by;
}

static void read_enable(struct lb_labels *asked, const char *label, const char *value)
{
    asked->is_enabled = read_yes(asked, label, value, false);
    if (yes_no_read(view_str(value)) == YES_NO_NO)
        disable(asked, memory_copy("lb.enable=false", sizeof("lb.enable=false") - 1));
}

static void read_drain(struct lb_labels *asked, const char *label, const char *value)
{
    asked->drains = read_yes(asked, label, value, false);
}

static void read_health(struct lb_labels *asked, const char *label, const char *value)
{
    asked->ignores_health = view_eq_nocase(view_str(value), VIEW("ignore"));
    if (!asked->ignores_health && !view_eq_nocase(view_str(value), VIEW("follow")))
        complain_label(asked, label, value, "ignore or follow is accepted");
}

static void read_port(struct lb_labels *asked, struct setting given)
{
    uint64_t port;
    if (given.text.len == 0)
        return;
    if (view_parse_u64(given.text, 65535, &port) && port > 0)
        asked->port = (uint16_t)port, asked->port_from = given.from;
    else
        asked->port_problem =
            complain(given.from, given.text, "a number from 1 to 65535 is accepted");
}

static void read_weight(struct lb_labels *asked, const char *label, const char *value)
{
    uint64_t weight;
    if (!view_parse_u64(view_str(value), LIMITS_WEIGHT_MAX, &weight))
        complain_label(asked, label, value, "a number from 0 (drains) to 256 is accepted");
    else if (weight == 0)
        asked->drains = true;
    else
        asked->weight = (unsigned)weight;
}

static void read_address(struct lb_labels *asked, const char *label, const char *value)
{
    struct address address;
    if (address_parse_ip(view_str(value), 0, &address))
        address_format_ip(&address, asked->address);
    else
        complain_label(asked, label, value, "an IPv4 or IPv6 address is accepted");
}

static void read_network(struct lb_labels *asked, const char *label, const char *value)
{
    (void)label;
    asked->network = clean_copy(view_str(value), LIMITS_NAME_BYTES_MAX);
}

static void read_slow_start(struct lb_labels *asked, const char *label, const char *value)
{
    asked->has_slow_start = waits_parse(view_str(value), &asked->slow_start_ms);
    if (!asked->has_slow_start)
        complain_label(asked, label, value, "0, or a time up to 24h, for example 30s, is accepted");
}

static void read_wait(struct lb_labels *asked, const char *label, const char *value)
{
    enum wait wait = waits_of_label(label);
    asked->waits.is_given[wait] = waits_parse(view_str(value), &asked->waits.ms[wait]);
    if (!asked->waits.is_given[wait])
        complain_label(asked, label, value,
                       "off, or a time up to 24h, for example 90s, is accepted");
}

static void read_abort(struct lb_labels *asked, const char *label, const char *value)
{
    enum yes_no answer = yes_no_read(view_str(value));
    if (answer == YES_NO_NEITHER)
        complain_label(asked, label, value, "true or false is accepted");
    else
        asked->waits.aborts_on_close = answer == YES_NO_YES ? WAITS_YES : WAITS_NO;
}

/* The grammar is the one of lb's flags --check-*. */
static void read_check(struct lb_labels *asked, const char *label, const char *value)
{
    struct view word = view_skip(view_str(label), sizeof("lb.check.") - 1);
    char accepted[128];
    if (check_set(&asked->check, word, view_str(value))) {
        asked->has_check = true;
        return;
    }
    snprintf(accepted, sizeof(accepted), "%s is accepted", check_accepted(word));
    complain_label(asked, label, value, accepted);
}

/* Every label that is lb's, and who reads it, in this order, when it is given and not empty. What
 * begins with "lb." and is not here is told to its owner, so nothing may be read elsewhere. */
static const struct known_label {
    const char *name;
    void (*read)(struct lb_labels *asked, const char *label, const char *value);
} known_labels[] = {
    {"lb.service", NULL}, /* where read is NULL there are other sources than this label */
    {"lb.port", NULL},
    {"lb.enable", read_enable},
    {"lb.drain", read_drain},
    {"lb.health", read_health},
    {"lb.weight", read_weight},
    {"lb.address", read_address},
    {"lb.network", read_network},
    {"lb.slow-start", read_slow_start},
    {"lb.response-timeout", read_wait},
    {"lb.body-timeout", read_wait},
    {"lb.stream-timeout", read_wait},
    {"lb.abort-on-close", read_abort},
    /* one for each word of lb/contract/check.h */
    {"lb.check.mode", read_check},
    {"lb.check.path", read_check},
    {"lb.check.method", read_check},
    {"lb.check.host", read_check},
    {"lb.check.port", read_check},
    {"lb.check.header", read_check},
    {"lb.check.status", read_check},
    {"lb.check.text", read_check},
    {"lb.check.interval", read_check},
    {"lb.check.timeout", read_check},
    {"lb.check.rise", read_check},
    {"lb.check.fall", read_check},
};

const char *lb_labels_at(size_t index)
{
    return index < sizeof(known_labels) / sizeof(known_labels[0]) ? known_labels[index].name : NULL;
}

static void read_labels(struct lb_labels *asked, const json_t *labels)
{
    for (size_t i = 0; lb_labels_at(i); i++) {
        const struct known_label *known = &known_labels[i];
        struct view value = trim(field_str(labels, known->name));
        if (!known->read || value.len == 0)
            continue;
        char *copy = memory_copy(value.ptr, value.len);
        known->read(asked, known->name, copy);
        free(copy);
    }
}

/* What its owner said to registrator counts while nothing was said to lb. */
static void read_ignore(struct lb_labels *asked, const struct lb_labels_source *source,
                        const struct registrator *from)
{
    static const char all[] = "SERVICE_IGNORE";
    char name[REGISTRATOR_NAME_BYTES];
    if (asked->is_enabled)
        return;
    if (registrator_find(from, all)[0] != '\0')
        disable(asked, memory_copy(all, sizeof(all) - 1));
    bool is_ignored = asked->port > 0 && field_str(source->labels, "lb.port")[0] == '\0' &&
                      registrator_find_for_port(from, asked->port, "IGNORE", name)[0] != '\0';
    if (is_ignored)
        disable(asked, memory_copy(name, strlen(name)));
    else if (source->are_ports_ignored && asked->port == 0)
        disable(asked, memory_copy("SERVICE_<port>_IGNORE", strlen("SERVICE_<port>_IGNORE")));
}

static void read_misspelt(struct lb_labels *asked, const json_t *labels)
{
    struct misspelling found;
    misspelling_find(labels, lb_labels_at, &found);
    asked->remark = found.remark;
    if (found.disabled_by)
        disable(asked, found.disabled_by);
}

void lb_labels_read(struct lb_labels *asked, const struct lb_labels_source *source)
{
    struct registrator from = {source->labels, source->environment};
    *asked = (struct lb_labels){.weight = 1};
    read_port(asked, find_first(&from, "lb.port", "SERVICE_PORT"));
    read_service(asked, source, &from);
    read_labels(asked, source->labels);
    read_misspelt(asked, source->labels);
    read_ignore(asked, source, &from);
}

void lb_labels_fini(struct lb_labels *asked)
{
    free(asked->service);
    free(asked->service_from);
    free(asked->network);
    free(asked->disabled_by);
    free(asked->remark);
    free(asked->port_problem);
    free(asked->label_problem);
    *asked = (struct lb_labels){0};
}
