#include "acme/listing.h"

#include "lb/base/clock.h"
#include "lb/base/shown.h"

static void append_time(int64_t time_s, struct text *out)
{
    char stamp[CLOCK_TEXT_BYTES];
    text_append_str(out, clock_format_second(time_s, stamp));
}

static void append_names(const struct names *names, struct text *out)
{
    for (unsigned i = 0; i < names->count; i++) {
        text_append_str(out, i ? "," : "");
        shown_append(out, view_str(names->list[i]));
    }
}

void listing_append_store(const struct keeper *keeper, struct text *out)
{
    int64_t now_s = keeper_base_now_s(keeper);
    for (size_t i = 0; i < keeper->store.count; i++) {
        const struct store_entry *entry = keeper->store.entries[i];
        text_append_str(out, "live/");
        shown_append(out, view_str(entry->folder));
        text_append_str(out, "  ");
        append_names(&entry->certificate.names, out);
        text_append_str(out,
                        entry->certificate.not_after_s > now_s ? "  valid until " : "  expired ");
        append_time(entry->certificate.not_after_s, out);
        text_append_str(out, "  by ");
        shown_append(out, view_str(entry->directory[0] ? entry->directory : "another client"));
        text_append_char(out, '\n');
    }
    if (keeper->store.count == 0)
        text_appendf(out, "no certificates in %s/live\n", keeper->options->folder);
}

static void append_decision(const struct decision *decision, struct text *out)
{
    static const char *const words[] = {[DECISION_ORDER] = "ordered now",
                                        [DECISION_VALID] = "not ordered",
                                        [DECISION_WAIT] = "not ordered yet"};
    text_appendf(out, "%s: %s", words[decision->word], decision->cause);
    if (decision->word != DECISION_ORDER) {
        text_append_str(out, decision->word == DECISION_VALID ? "; renewed from " : "; next try ");
        append_time(decision->next_s, out);
    }
}

void listing_append_plan(struct keeper *keeper, struct text *out)
{
    int64_t now_s = keeper_base_now_s(keeper);
    for (size_t i = 0; i < keeper->wishes.count; i++) {
        const struct names *names = &keeper->wishes.list[i];
        const struct state_entry *state = state_of(&keeper->state, names);
        const struct store_entry *entry =
            store_find(&keeper->store, names, keeper->options->directory);
        struct decision decision =
            decision_make(names, entry, state, keeper->state.pause_until_s, now_s);
        append_names(names, out);
        text_append_str(out, "  ");
        append_decision(&decision, out);
        if (state->failure_count > 0 && state->problem[0]) {
            text_append_str(out, " (");
            shown_append(out, view_str(state->problem));
            text_append_char(out, ')');
        }
        text_append_char(out, '\n');
    }
    if (keeper->wishes.count == 0)
        text_append_str(out, "no certificates are wished: lb.tls=auto at a container wishes one\n");
}
