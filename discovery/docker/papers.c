#include "discovery/docker/papers.h"

#include <stdlib.h>

#include "discovery/clean.h"
#include "discovery/dialect/exposed.h"
#include "discovery/dialect/image_name.h"
#include "discovery/dialect/registrator.h"
#include "discovery/field.h"
#include "lb/base/hash.h"
#include "lb/base/memory.h"
#include "lb/base/yes_no.h"
#include "lb/contract/limits.h"

/* Of one container; more is not looked at. */
#define WORDS_MAX       256u
#define WORD_BYTES_MAX  16384u
#define WORDS_BYTES_MAX 65536u

struct keeping {
    struct papers *papers;
    size_t count, bytes;
};

static bool is_kept(struct view word)
{
    return view_starts_with(word, VIEW("SERVICE_")) || view_eq(word, VIEW("lb.enable"));
}

/* Whether there is room for it. */
static bool admit(struct keeping *keeping, size_t bytes)
{
    if (keeping->count == WORDS_MAX || bytes > WORD_BYTES_MAX ||
        keeping->bytes + bytes > WORDS_BYTES_MAX) {
        keeping->papers->is_cut = true;
        return false;
    }
    keeping->count++;
    keeping->bytes += bytes;
    return true;
}

static void note(struct papers *papers, struct view bytes)
{
    papers->hash = hash_view(papers->hash, bytes) * HASH_PRIME;
}

static void keep_labels(struct keeping *keeping, const json_t *labels)
{
    json_t *object = (json_t *)(uintptr_t)labels; /* jansson's iterators take no const */
    for (void *i = json_object_iter(object); i; i = json_object_iter_next(object, i)) {
        struct view word = view_str(json_object_iter_key(i));
        const char *value = json_string_value(json_object_iter_value(i));
        if (!value || !is_kept(word) || !admit(keeping, word.len + strlen(value)))
            continue;
        json_object_set(keeping->papers->labels, word.ptr, json_object_iter_value(i));
        note(keeping->papers, word);
        note(keeping->papers, view_str(value));
    }
}

/* Of a word that is there twice the last one counts, wherever these are read. */
static void keep_environment(struct keeping *keeping, const json_t *environment)
{
    for (size_t i = 0; i < json_array_size(environment); i++) {
        json_t *variable = json_array_get(environment, i);
        struct view rest = view_str(json_string_value(variable)), whole = rest;
        if (!is_kept(view_cut(&rest, '=')) || !rest.ptr || !admit(keeping, whole.len))
            continue;
        json_array_append(keeping->papers->environment, variable);
        note(keeping->papers, whole);
    }
}

static int compare(const void *left, const void *right)
{
    const struct papers_port *a = left, *b = right;
    return a->is_udp != b->is_udp ? a->is_udp - b->is_udp : a->number - b->number;
}

static void add_ports(struct papers *papers, const json_t *exposed, bool of_udp)
{
    json_t *object = (json_t *)(uintptr_t)exposed; /* jansson's iterators take no const */
    for (void *i = json_object_iter(object); i; i = json_object_iter_next(object, i)) {
        uint16_t port = exposed_parse_of(json_object_iter_key(i), of_udp);
        if (port > 0 && papers->port_count < PAPERS_PORTS_MAX)
            papers->ports[papers->port_count++] =
                (struct papers_port){.number = port, .is_udp = of_udp};
    }
}

/* TCP first: of UDP whole ranges are exposed. */
static void keep_ports(struct papers *papers, const json_t *exposed)
{
    papers->ports = memory_new(PAPERS_PORTS_MAX * sizeof(papers->ports[0]));
    add_ports(papers, exposed, false);
    add_ports(papers, exposed, true);
    qsort(papers->ports, papers->port_count, sizeof(papers->ports[0]), compare);
    papers->ports =
        memory_resize(papers->ports, (papers->port_count + 1) * sizeof(papers->ports[0]));
    for (size_t i = 0; i < papers->port_count; i++) {
        papers->hash = hash_mix(papers->hash + papers->ports[i].number);
        papers->hash = hash_mix(papers->hash + papers->ports[i].is_udp);
    }
}

struct statement_source papers_source(const struct papers *papers)
{
    return (struct statement_source){.labels = papers->labels, .environment = papers->environment};
}

static bool keeps_out(const struct papers *papers)
{
    struct statement_source source = papers_source(papers);
    return yes_no_read(view_str(field_str(papers->labels, "lb.enable"))) == YES_NO_NO ||
           registrator_find(&source, "SERVICE_IGNORE")[0] != '\0';
}

struct papers *papers_read(const struct dialect_container *said)
{
    struct papers *papers = memory_new(sizeof(*papers));
    struct keeping keeping = {.papers = papers};
    papers->hash = HASH_INIT;
    papers->labels = json_object();
    papers->environment = json_array();
    papers->image = clean_copy(image_name_base(said->image), LIMITS_NAME_BYTES_MAX);
    note(papers, view_str(papers->image));
    keep_labels(&keeping, said->from.labels);
    keep_environment(&keeping, said->from.environment);
    keep_ports(papers, said->exposed);
    papers->keep_out = keeps_out(papers);
    return papers;
}

void papers_free(struct papers *papers)
{
    if (!papers)
        return;
    json_decref(papers->labels);
    json_decref(papers->environment);
    free(papers->image);
    free(papers->ports);
    free(papers);
}

bool papers_expose(const struct papers *papers, uint16_t port, bool is_udp)
{
    for (size_t i = 0; i < papers->port_count; i++)
        if (papers->ports[i].number == port && papers->ports[i].is_udp == is_udp)
            return true;
    return false;
}
