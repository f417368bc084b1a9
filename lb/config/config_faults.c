#include "lb/config/config_faults.h"

static unsigned count_lines(const struct text *faults)
{
    unsigned count = faults->len > 0;
    for (size_t i = 0; i < faults->len; i++)
        count += faults->bytes[i] == '\n';
    return count;
}

static bool is_last(const struct text *faults, struct view message)
{
    struct view rest = text_view(faults), line, last = {NULL, 0};
    while ((line = config_faults_next(&rest)).ptr)
        last = line;
    return view_eq(last, message);
}

static void add(struct text *faults, struct view message)
{
    if (faults->len > 0)
        text_append_char(faults, '\n');
    text_append(faults, message);
}

bool config_faults_add(struct text *faults, struct text *message)
{
    bool is_news = message->len > 0 && !is_last(faults, text_view(message));
    if (is_news && !config_faults_is_full(faults)) {
        add(faults, text_view(message));
        if (count_lines(faults) >= CONFIG_FAULTS_MAX)
            add(faults, VIEW("there may be more; mend these first"));
    }
    text_fini(message);
    return false;
}

bool config_faults_is_full(const struct text *faults)
{
    return count_lines(faults) >= CONFIG_FAULTS_MAX;
}

struct view config_faults_next(struct view *rest)
{
    if (rest->len == 0)
        return view_of(NULL, 0);
    return view_cut(rest, '\n');
}
