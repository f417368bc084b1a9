#include "discovery/settings.h"

#include <stdio.h>
#include <stdlib.h>

#include "discovery/clean.h"
#include "discovery/engine_id.h"
#include "discovery/field.h"
#include "discovery/misspelling.h"
#include "discovery/registrator.h"
#include "discovery/yes_no.h"
#include "lb/base/memory.h"
#include "lb/base/text.h"

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

static void complain_label(struct settings *settings, const char *name, const char *value,
                           const char *accepted)
{
    if (!settings->label_problem)
        settings->label_problem = complain(name, view_str(value), accepted);
}

static struct setting find_service(const struct settings *settings,
                                   const struct settings_source *source,
                                   const struct registrator *from,
                                   char name[REGISTRATOR_NAME_BYTES])
{
    uint16_t port = settings->port > 0 ? settings->port : source->exposed_port;
    struct setting found = {trim(field_str(source->labels, "lb.service")), "lb.service"};
    if (found.text.len == 0 && port > 0)
        found = (struct setting){trim(registrator_find_for_port(from, port, "NAME", name)), name};
    return found.text.len > 0 ? found : find_first(from, "lb.service", "SERVICE_NAME");
}

static void read_service(struct settings *settings, const struct settings_source *source,
                         const struct registrator *from)
{
    char variable[REGISTRATOR_NAME_BYTES];
    struct setting name = find_service(settings, source, from, variable);
    struct view service = name.text;
    settings->is_named = service.len > 0 && strcmp(name.from, "lb.service") == 0;
    if (!clean_is_clean(service, CLEAN_NAME_MAX_BYTES) && !settings->label_problem)
        settings->label_problem =
            complain(name.from, service,
                     "a name of at most 255 bytes without control characters is accepted");
    const char *said_by = service.len > 0 ? name.from : "the name of its image";
    if (service.len == 0)
        service = image_base_name(source->image);
    if (service.len == 0) {
        service = view_str(source->container_name);
        said_by = "its own name";
    }
    settings->service = clean_copy(service, CLEAN_NAME_MAX_BYTES);
    settings->service_from = memory_copy(said_by, strlen(said_by));
}

/* A label that says yes or no; `otherwise` where it says nonsense. */
static bool read_yes(struct settings *settings, const char *label, const char *value,
                     bool otherwise)
{
    enum yes_no answer = yes_no_read(view_str(value));
    if (answer == YES_NO_NEITHER)
        complain_label(settings, label, value, "true or false is accepted");
    return answer == YES_NO_NEITHER ? otherwise : answer == YES_NO_YES;
}

static void disable(struct settings *settings, char *disabled_by)
{
    if (settings->disabled_by)
        free(disabled_by);
    else
        settings->disabled_by = disabled_by;
}

static void read_enable(struct settings *settings, const char *label, const char *value)
{
    settings->is_enabled = read_yes(settings, label, value, false);
    if (yes_no_read(view_str(value)) == YES_NO_NO)
        disable(settings, memory_copy("lb.enable=false", sizeof("lb.enable=false") - 1));
}

static void read_drain(struct settings *settings, const char *label, const char *value)
{
    settings->drains = read_yes(settings, label, value, false);
}

static void read_health(struct settings *settings, const char *label, const char *value)
{
    settings->ignores_health = view_eq_nocase(view_str(value), VIEW("ignore"));
    if (!settings->ignores_health && !view_eq_nocase(view_str(value), VIEW("follow")))
        complain_label(settings, label, value, "ignore or follow is accepted");
}

static void read_port(struct settings *settings, struct setting given)
{
    uint64_t port;
    if (given.text.len == 0)
        return;
    if (view_parse_u64(given.text, 65535, &port) && port > 0)
        settings->port = (uint16_t)port, settings->port_from = given.from;
    else
        settings->port_problem =
            complain(given.from, given.text, "a number from 1 to 65535 is accepted");
}

static void read_weight(struct settings *settings, const char *label, const char *value)
{
    uint64_t weight;
    if (!view_parse_u64(view_str(value), SETTINGS_WEIGHT_MAX, &weight))
        complain_label(settings, label, value, "a number from 0 (drains) to 256 is accepted");
    else if (weight == 0)
        settings->drains = true;
    else
        settings->weight = (unsigned)weight;
}

static void read_address(struct settings *settings, const char *label, const char *value)
{
    struct address address;
    if (address_parse_ip(view_str(value), 0, &address))
        address_format_ip(&address, settings->address);
    else
        complain_label(settings, label, value, "an IPv4 or IPv6 address is accepted");
}

static void read_network(struct settings *settings, const char *label, const char *value)
{
    (void)label;
    settings->network = clean_copy(view_str(value), CLEAN_NAME_MAX_BYTES);
}

static void read_slow_start(struct settings *settings, const char *label, const char *value)
{
    settings->has_slow_start = waits_parse(view_str(value), &settings->slow_start_ms);
    if (!settings->has_slow_start)
        complain_label(settings, label, value,
                       "0, or a time up to 24h, for example 30s, is accepted");
}

static void read_wait(struct settings *settings, const char *label, const char *value)
{
    enum wait wait = waits_of_label(label);
    settings->waits.is_given[wait] = waits_parse(view_str(value), &settings->waits.ms[wait]);
    if (!settings->waits.is_given[wait])
        complain_label(settings, label, value,
                       "off, or a time up to 24h, for example 90s, is accepted");
}

static void read_abort(struct settings *settings, const char *label, const char *value)
{
    enum yes_no answer = yes_no_read(view_str(value));
    if (answer == YES_NO_NEITHER)
        complain_label(settings, label, value, "true or false is accepted");
    else
        settings->waits.aborts_on_close = answer == YES_NO_YES ? WAITS_YES : WAITS_NO;
}

/* The grammar is the one of lb's flags --check-*. */
static void read_check(struct settings *settings, const char *label, const char *value)
{
    struct view word = view_skip(view_str(label), sizeof("lb.check.") - 1);
    char accepted[128];
    if (check_set(&settings->check, word, view_str(value))) {
        settings->has_check = true;
        return;
    }
    snprintf(accepted, sizeof(accepted), "%s is accepted", check_accepted(word));
    complain_label(settings, label, value, accepted);
}

/* Every label that is lb's, and who reads it, in this order, when it is given and not empty. What
 * begins with "lb." and is not here is told to its owner, so nothing may be read elsewhere. */
static const struct known_label {
    const char *name;
    void (*read)(struct settings *settings, const char *label, const char *value);
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
    /* one for each word of lb/base/check.h */
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

const char *settings_label_at(size_t index)
{
    return index < sizeof(known_labels) / sizeof(known_labels[0]) ? known_labels[index].name : NULL;
}

static void read_labels(struct settings *settings, const json_t *labels)
{
    for (size_t i = 0; settings_label_at(i); i++) {
        const struct known_label *known = &known_labels[i];
        struct view value = trim(field_str(labels, known->name));
        if (!known->read || value.len == 0)
            continue;
        char *copy = memory_copy(value.ptr, value.len);
        known->read(settings, known->name, copy);
        free(copy);
    }
}

/* What its owner said to registrator counts while nothing was said to lb. */
static void read_ignore(struct settings *settings, const struct settings_source *source,
                        const struct registrator *from)
{
    static const char all[] = "SERVICE_IGNORE";
    char name[REGISTRATOR_NAME_BYTES];
    if (settings->is_enabled)
        return;
    if (registrator_find(from, all)[0] != '\0')
        disable(settings, memory_copy(all, sizeof(all) - 1));
    bool is_ignored = settings->port > 0 && field_str(source->labels, "lb.port")[0] == '\0' &&
                      registrator_find_for_port(from, settings->port, "IGNORE", name)[0] != '\0';
    if (is_ignored)
        disable(settings, memory_copy(name, strlen(name)));
    else if (source->are_ports_ignored && settings->port == 0)
        disable(settings, memory_copy("SERVICE_<port>_IGNORE", strlen("SERVICE_<port>_IGNORE")));
}

static void read_misspelt(struct settings *settings, const json_t *labels)
{
    struct misspelling found;
    misspelling_find(labels, settings_label_at, &found);
    settings->remark = found.remark;
    if (found.disabled_by)
        disable(settings, found.disabled_by);
}

void settings_read(struct settings *settings, const struct settings_source *source)
{
    struct registrator from = {source->labels, source->environment};
    *settings = (struct settings){.weight = 1};
    read_port(settings, find_first(&from, "lb.port", "SERVICE_PORT"));
    read_service(settings, source, &from);
    read_labels(settings, source->labels);
    read_misspelt(settings, source->labels);
    read_ignore(settings, source, &from);
}

void settings_fini(struct settings *settings)
{
    free(settings->service);
    free(settings->service_from);
    free(settings->network);
    free(settings->disabled_by);
    free(settings->remark);
    free(settings->port_problem);
    free(settings->label_problem);
    *settings = (struct settings){0};
}
