#include "discovery/dialect/misspelling.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "discovery/clean.h"
#include "lb/base/edits.h"
#include "lb/base/text.h"
#include "lb/base/yes_no.h"

#define SHOWN_MAX       5 /* labels that are named; the others are counted */
#define SHOWN_BYTES     64
#define NEAR_EDITS      2
#define PREFIX_LEN      3
#define VALUE_MAX_BYTES 32

/* Words of the family of lb.enable, right or wrong, and which value lets the container in. */
static const struct {
    const char *word;
    bool lets_in;
} enabling[] = {
    {"lb.enable", true},  {"lb.enabled", true},  {"lb.disable", false}, {"lb.disabled", false},
    {"lb.ignore", false}, {"lb.exclude", false}, {"lb.hide", false},
};

/* What others call it, behind "lb." or "lb.NAME.". */
static const struct {
    const char *word, *meant;
} synonyms[] = {
    {"send-proxy", "proxy-protocol"},
    {"send-proxy-v2", "proxy-protocol"},
    {"tcp.port", "tcp=LISTENER:PORT"},
    {"udp.port", "udp=LISTENER:PORT"},
    {"tcp.listener", "tcp"},
    {"udp.listener", "udp"},
    {"tcp.server-name", "tcp.sni"},
    {"tcp.host", "tcp.sni"},
    {"tpc", "tcp"},
    {"upd", "udp"},
    {"sni", "tcp.sni"},
    {"alpn", "tcp.alpn"},
};

struct view misspelling_normalise(const char *label, char out[MISSPELLING_WORD_BYTES],
                                  bool *has_dot)
{
    size_t len = 0;
    for (const char *at = label; *at != '\0' && len < MISSPELLING_WORD_BYTES; at++)
        if (*at > ' ' && *at < 0x7F)
            out[len++] = view_lower_char(*at);
    *has_dot = len >= PREFIX_LEN && out[2] == '.';
    if (len >= PREFIX_LEN && (out[2] == '_' || out[2] == '-'))
        out[2] = '.';
    return view_of(out, len);
}

/* The first of the nearest. */
static const char *find_nearest(misspelling_at *label_at, struct view word, size_t *edits)
{
    const char *known, *nearest = NULL;
    *edits = SIZE_MAX;
    for (size_t i = 0; (known = label_at(i)); i++) {
        size_t count = edits_between(word, view_str(known));
        if (count < *edits) {
            *edits = count;
            nearest = known;
        }
    }
    return nearest;
}

static bool is_known(misspelling_at *label_at, const char *label)
{
    const char *known;
    for (size_t i = 0; (known = label_at(i)); i++)
        if (strcmp(label, known) == 0)
            return true;
    return false;
}

/* Whether the word, `edits` away from the nearest label, with this value asks to be left out. */
static bool asks_to_be_left_out(struct view word, size_t edits, const char *value)
{
    for (size_t i = 0; i < sizeof(enabling) / sizeof(enabling[0]); i++) {
        struct view known = view_str(enabling[i].word);
        if (word.len > known.len + NEAR_EDITS)
            continue;
        size_t count = edits_between(word, known);
        if (count > NEAR_EDITS || count > edits)
            continue;
        if (enabling[i].lets_in)
            return value[0] != '\0' && yes_no_read(view_str(value)) != YES_NO_YES;
        return yes_no_read(view_str(value)) != YES_NO_NO;
    }
    return false;
}

static char *write_setting(const char *label, const char *value)
{
    char *name = clean_copy(view_str(label), SHOWN_BYTES);
    char *shown = clean_copy(view_str(value), VALUE_MAX_BYTES);
    struct text text = TEXT_INIT;
    text_appendf(&text, "\"%s=%s\"", name, shown);
    free(name);
    free(shown);
    return text.bytes;
}

/* A known label; empty: there is none that is near. */
struct proposal {
    char label[2 * MISSPELLING_WORD_BYTES];
};

static void append_remark(struct text *remark, const char *label, const struct proposal *proposal)
{
    char *shown = clean_copy(view_str(label), SHOWN_BYTES);
    text_appendf(remark, "%s the label \"%s\" is not known", remark->len > 0 ? ";" : "", shown);
    if (proposal->label[0] != '\0')
        text_appendf(remark, " (did you mean %s?)", proposal->label);
    free(shown);
}

/* Of two letters in four nothing follows: lb-demo is not lb.deny. */
static bool is_hardly_chance(struct view word, size_t edits)
{
    return edits <= NEAR_EDITS && 2 * edits < word.len - PREFIX_LEN;
}

struct finding {
    const struct misspelling_known *known;
    struct text remark;
    size_t count;
};

/* The word behind a name, where that is nearer than the whole. */
static void look_behind_name(const struct finding *finding, struct view word, size_t edits,
                             struct proposal *proposal)
{
    size_t behind_edits;
    struct view rest = view_skip(word, PREFIX_LEN), name = view_cut(&rest, '.');
    const char *nearest =
        rest.len > 0 ? find_nearest(finding->known->named_word_at, rest, &behind_edits) : NULL;
    struct proposal behind;
    if (!nearest || behind_edits >= edits || !edits_are_near(behind_edits, rest))
        return;
    snprintf(behind.label, sizeof(behind.label), "lb.%.*s.%s", (int)name.len, name.ptr, nearest);
    if (finding->known->is_named(behind.label))
        *proposal = behind;
}

/* False: it is none, with a name before it or without. */
static bool find_synonym(struct view word, struct proposal *proposal)
{
    struct view rest = view_skip(word, PREFIX_LEN), behind = rest, name = view_cut(&behind, '.');
    for (size_t i = 0; i < sizeof(synonyms) / sizeof(synonyms[0]); i++) {
        bool is_named = view_eq(behind, view_str(synonyms[i].word));
        if (!is_named && !view_eq(rest, view_str(synonyms[i].word)))
            continue;
        snprintf(proposal->label, sizeof(proposal->label), "lb.%.*s%s%s",
                 is_named ? (int)name.len : 0, name.ptr, is_named ? "." : "", synonyms[i].meant);
        return true;
    }
    return false;
}

/* `edits`: to the nearest whole label. */
static struct proposal find_proposal(const struct finding *finding, struct view word, size_t *edits)
{
    const char *nearest = find_nearest(finding->known->label_at, word, edits);
    bool is_near = edits_are_near(*edits, view_skip(word, PREFIX_LEN));
    struct proposal proposal = {""};
    if (is_near)
        snprintf(proposal.label, sizeof(proposal.label), "%s", nearest);
    look_behind_name(finding, word, *edits, &proposal);
    find_synonym(word, &proposal);
    return proposal;
}

static void look_at(const char *label, const json_t *json, struct finding *finding,
                    struct misspelling *out)
{
    char buffer[MISSPELLING_WORD_BYTES];
    size_t edits;
    bool has_dot;
    struct view word = misspelling_normalise(label, buffer, &has_dot);
    if (!view_starts_with(word, VIEW("lb.")) || is_known(finding->known->label_at, label) ||
        finding->known->is_named(label))
        return;
    const char *value = json_is_string(json) ? json_string_value(json) : "";
    if (finding->count >= SHOWN_MAX && !asks_to_be_left_out(word, SIZE_MAX, value)) {
        finding->count += has_dot; /* there may be thousands, and nearness takes its time */
        return;
    }
    struct proposal proposal = find_proposal(finding, word, &edits);
    bool is_left_out = asks_to_be_left_out(word, edits, value);
    if (!has_dot && !is_hardly_chance(word, edits) && !is_left_out)
        return;
    if (is_left_out && !out->disabled_by)
        out->disabled_by = write_setting(label, value);
    if (is_left_out)
        proposal = (struct proposal){"lb.enable"};
    if (finding->count++ < SHOWN_MAX)
        append_remark(&finding->remark, label, &proposal);
}

void misspelling_find(const json_t *labels, const struct misspelling_known *known,
                      struct misspelling *out)
{
    json_t *object = (json_t *)(uintptr_t)labels; /* jansson's iterators take no const */
    struct finding finding = {.known = known};
    *out = (struct misspelling){0};
    for (void *i = json_object_iter(object); i; i = json_object_iter_next(object, i))
        look_at(json_object_iter_key(i), json_object_iter_value(i), &finding, out);
    if (finding.count > SHOWN_MAX)
        text_appendf(&finding.remark, "; and so are %zu more", finding.count - SHOWN_MAX);
    if (finding.count > 0)
        out->remark = clean_copy(view_skip(text_view(&finding.remark), 1), 1024);
    text_fini(&finding.remark);
}
