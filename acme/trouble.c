#include "acme/trouble.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>

#include "lb/base/shown.h"

#define DETAIL_BYTES_MAX 300u
#define PREFIX           "urn:ietf:params:acme:error:"

void trouble_say(struct trouble *trouble, enum trouble_kind kind, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(trouble->sentence, sizeof(trouble->sentence), format, args);
    va_end(args);
    trouble->kind = kind;
}

static const struct {
    const char *word, *remedy;
} remedies[] = {
    {"rateLimited",
     "it is asked again later; ask for fewer certificates, or try with --acme-directory staging"},
    {"dns", "its name has to lead to this lb: look at its A and AAAA records"},
    {"connection", "its port 80 (for tls-alpn-01: 443) has to lead to this lb from outside"},
    {"unauthorized",
     "requests for this name have to come to this lb; look at its A and AAAA records"},
    {"incorrectResponse", "requests for this name have to come to this lb"},
    {"tls", "port 443 has to lead to this lb from outside, and end its TLS nowhere else"},
    {"caa", "a CAA record forbids it; add this authority to it"},
    {"rejectedIdentifier", "this authority gives none for this name; take the wish away"},
    {"unsupportedIdentifier", "this authority gives none for this name; take the wish away"},
    {"externalAccountRequired",
     "give --acme-eab-kid and --acme-eab-key-file, as the authority hands them out"},
    {"accountDoesNotExist", "its account is made anew with the next try"},
    {"invalidContact", "give an address that it takes with --acme"},
    {"unsupportedContact", "give an address that it takes with --acme"},
    {"userActionRequired", "its terms have changed; see there"},
    {"serverInternal", "it is in trouble itself, and is asked again later"},
};

static const char *remedy_of(const char *word, unsigned status)
{
    for (size_t i = 0; i < sizeof(remedies) / sizeof(remedies[0]); i++)
        if (strcmp(word, remedies[i].word) == 0)
            return remedies[i].remedy;
    if (status == 429 || status >= 500)
        return "it is asked again later";
    return status == 404 ? "look at --acme-directory" : "it is asked again later";
}

static void append_cut(struct text *out, struct view foreign)
{
    bool is_cut = foreign.len > DETAIL_BYTES_MAX;
    if (is_cut)
        foreign.len = DETAIL_BYTES_MAX;
    shown_append(out, foreign);
    if (is_cut)
        text_append_str(out, "...");
}

void trouble_append_by_hand(struct text *out, struct view sentence)
{
    static const struct view of_lb = VIEW("--acme-");
    for (size_t i = 0; i < sentence.len; i++) {
        bool is_flag = view_starts_with(view_skip(sentence, i), of_lb);
        text_append(out, is_flag ? VIEW("--") : view_of(sentence.ptr + i, 1));
        i += is_flag ? of_lb.len - 1 : 0;
    }
}

static void set_word(struct trouble *trouble, const char *type)
{
    size_t at = 0;
    trouble->word[0] = '\0';
    if (!type || strncmp(type, PREFIX, strlen(PREFIX)) != 0)
        return;
    for (const char *c = type + strlen(PREFIX); *c && at + 1 < sizeof(trouble->word); c++)
        if ((view_lower_char(*c) >= 'a' && view_lower_char(*c) <= 'z'))
            trouble->word[at++] = *c;
    trouble->word[at] = '\0';
}

static enum trouble_kind kind_of(const char *word, unsigned status)
{
    if (status == 429 || strcmp(word, "rateLimited") == 0)
        return TROUBLE_LIMITED;
    return status >= 500 || strcmp(word, "serverInternal") == 0 ? TROUBLE_AWAY : TROUBLE_REFUSED;
}

/* "a.test: HOST says: detail (word); remedy" */
static void describe(struct trouble *trouble, const json_t *problem, unsigned status,
                     const char *host, const char *what)
{
    struct text said = TEXT_INIT;
    const char *detail = json_string_value(json_object_get(problem, "detail"));
    set_word(trouble, json_string_value(json_object_get(problem, "type")));
    if (detail)
        append_cut(&said, view_str(detail));
    else
        text_appendf(&said, "%u, without a reason", status);
    trouble_say(trouble, kind_of(trouble->word, status), "%s: %s says: %.400s%s%s%s; %s", what,
                host, text_str(&said), trouble->word[0] ? " (" : "", trouble->word,
                trouble->word[0] ? ")" : "", remedy_of(trouble->word, status));
    text_fini(&said);
}

void trouble_read(struct trouble *trouble, unsigned status, struct view body, const char *host,
                  const char *what)
{
    json_error_t problem;
    json_t *object = body.len > 0 ? json_loadb(body.ptr, body.len, 0, &problem) : NULL;
    describe(trouble, json_is_object(object) ? object : NULL, status, host, what);
    json_decref(object);
}

/* Of several names it is the first part that says more. */
void trouble_read_object(struct trouble *trouble, const json_t *problem, const char *host,
                         const char *what)
{
    const json_t *part = json_array_get(json_object_get(problem, "subproblems"), 0);
    describe(trouble, json_is_object(part) ? part : problem, 403, host, what);
}
