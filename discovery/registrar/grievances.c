#include "discovery/registrar/grievances.h"

#include <stdlib.h>
#include <string.h>

#define EVERY_MS      1000
#define REPEAT_MS     60000
#define SENTENCES_MAX 3

void grievances_set(struct entry *entry, char *sentence)
{
    bool is_same = sentence && entry->trouble && strcmp(sentence, entry->trouble) == 0;
    entry->is_trouble_told = is_same && entry->is_trouble_told;
    free(entry->trouble);
    entry->trouble = sentence;
}

struct sum {
    size_t count, new_count;
};

static struct sum count(const struct entry_table *table)
{
    struct sum sum = {0};
    for (size_t i = 0; i < table->count; i++) {
        sum.count += table->items[i]->trouble != NULL;
        sum.new_count += table->items[i]->trouble && !table->items[i]->is_trouble_told;
    }
    return sum;
}

static void tell_some(const struct entry_table *table, const struct report *report,
                      const struct sum *sum, bool is_repeated)
{
    size_t limit = is_repeated ? 1 : SENTENCES_MAX, told = 0;
    for (size_t i = 0; i < table->count; i++) {
        struct entry *entry = table->items[i];
        if (!entry->trouble || (entry->is_trouble_told && !is_repeated))
            continue;
        entry->is_trouble_told = true;
        if (told++ < limit)
            report_say(report, REPORT_TROUBLE, "%s", entry->trouble);
    }
    if (told > limit)
        report_say(report, REPORT_TROUBLE, "so it is with %zu entries more, %zu in all",
                   told - limit, sum->count);
}

void grievances_tell(struct grievances *grievances, const struct entry_table *table,
                     const struct report *report, uint64_t now_ms)
{
    struct sum sum = count(table);
    if (sum.count == 0 && grievances->is_told)
        report_say(report, REPORT_NEWS, "Consul takes all entries again");
    if (sum.count == 0) {
        *grievances = (struct grievances){0};
        return;
    }
    bool may_repeat = now_ms >= grievances->told_at_ms + REPEAT_MS;
    bool may_tell = !grievances->is_told || now_ms >= grievances->told_at_ms + EVERY_MS;
    if (!may_tell || (sum.new_count == 0 && !may_repeat))
        return;
    tell_some(table, report, &sum, sum.new_count == 0);
    *grievances = (struct grievances){.told_at_ms = now_ms, .is_told = true};
}
