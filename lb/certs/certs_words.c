#include "lb/certs/certs_words.h"

#include "lb/base/clock.h"
#include "lb/base/log.h"
#include "lb/base/shown.h"

static void append_names(struct text *out, const struct tls_identity *identity)
{
    unsigned count = tls_identity_name_count(identity);
    for (unsigned i = 0; i < count && i < 3; i++) {
        text_append_str(out, i > 0 ? ", " : "");
        text_append(out, tls_identity_name(identity, i));
    }
    if (count > 3)
        text_appendf(out, " and %u more", count - 3);
    if (count == 0)
        text_append_str(out, "no name");
}

void certs_words_tell_early(const struct certs_entry *entry)
{
    char begin[CLOCK_TEXT_BYTES];
    struct text line = TEXT_INIT;
    clock_format_second(tls_identity_facts(entry->identity)->not_before_s, begin);
    shown_append(&line, view_str(entry->path));
    text_append_str(&line, ": the certificate of ");
    append_names(&line, entry->identity);
    text_appendf(&line, " is not valid yet, from %s", begin);
    if (entry->before)
        log_info("%s; the one before is shown until then", text_str(&line));
    else
        log_warn("%s; until then it is shown only where no other is", text_str(&line));
    text_fini(&line);
}

void certs_words_tell_read(const struct certs_entry *entry)
{
    char end[CLOCK_TEXT_BYTES];
    struct text line = TEXT_INIT;
    shown_append(&line, view_str(entry->path));
    if (entry->identity) {
        text_append_str(&line, ": the certificate of ");
        append_names(&line, entry->identity);
        text_appendf(&line, " is shown from now on, until %s",
                     clock_format_minute(tls_identity_facts(entry->identity)->not_after_s, end));
    } else {
        text_append_str(&line, ": clients are judged by this CA from now on");
    }
    log_info("%s", text_str(&line));
    text_fini(&line);
}

void certs_words_tell_refused(const struct certs_entry *entry)
{
    struct text line = TEXT_INIT;
    const char *rest = entry->is_client_ca ? "no client that must have a certificate is let in"
                                           : "it is not shown";
    shown_append(&line, view_str(certs_entry_problem_path(entry)));
    text_append_str(&line, ": ");
    shown_append(&line, text_view(&entry->problem));
    log_warn("%s; %s", text_str(&line),
             entry->identity || entry->client_ca ? "the one before stays in use" : rest);
    text_fini(&line);
}

void certs_words_append_list_end(struct text *out, int64_t end_s)
{
    char end[CLOCK_TEXT_BYTES];
    text_appendf(out,
                 "the revocation list is over since %s, and no client is let in by it; put a newer "
                 "one there",
                 clock_format_minute(end_s, end));
}

void certs_words_tell_list_end(struct certs_entry *entry, int64_t now_s)
{
    int64_t end_s = certs_entry_list_end_s(entry);
    struct text line = TEXT_INIT;
    bool was_told = entry->is_end_of_list_told;
    entry->is_end_of_list_told = end_s <= now_s;
    if (was_told || end_s > now_s)
        return;
    shown_append(&line, view_str(entry->key));
    text_append_str(&line, ": ");
    certs_words_append_list_end(&line, end_s);
    log_warn("%s", text_str(&line));
    text_fini(&line);
}

void certs_words_tell_gone(const struct certs_entry *entry)
{
    struct text line = TEXT_INIT;
    shown_append(&line, view_str(entry->path));
    log_info("%s: it was taken away, and is not used any more", text_str(&line));
    text_fini(&line);
}
