#include "lb/config/config_table.h"

#include "lb/base/edits.h"

#define WORD_MAX_BYTES 64 /* longer words are like none */

/* Whether the rows of its table stand for themselves. */
static bool is_inlined(const struct config_setting *row)
{
    return row->table && !row->word;
}

/* Gives the row number *index, and counts *index down by the rows that come before. */
static const struct config_setting *find_at(const struct config_table *table, size_t *index)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct config_setting *row = &table->settings[i];
        const struct config_setting *inner = is_inlined(row) ? find_at(row->table, index) : NULL;
        if (inner)
            return inner;
        if (!is_inlined(row) && (*index)-- == 0)
            return row;
    }
    return NULL;
}

const struct config_setting *config_table_at(const struct config_table *table, size_t index)
{
    return find_at(table, &index);
}

const struct config_setting *config_table_find(const struct config_table *table, struct view word)
{
    const struct config_setting *setting;
    for (size_t i = 0; (setting = config_table_at(table, i)); i++)
        if (view_eq(word, view_str(setting->word)))
            return setting;
    return NULL;
}

const struct config_setting *config_table_find_flag(const struct config_table *table,
                                                    struct view word)
{
    const struct config_setting *setting = config_table_find(table, word);
    return setting && !setting->table ? setting : NULL;
}

static bool can_be_said(const struct config_setting *setting, enum config_origin origin)
{
    if (origin == CONFIG_ORIGIN_FILE)
        return !setting->flag_only;
    return !setting->table && (origin == CONFIG_ORIGIN_FLAG || !config_setting_is_action(setting));
}

/* The word as settings are written: small letters, and '-' between them. */
static struct view normalise(struct view word, char out[WORD_MAX_BYTES])
{
    size_t len = word.len < WORD_MAX_BYTES ? word.len : WORD_MAX_BYTES;
    for (size_t i = 0; i < len; i++)
        out[i] = word.ptr[i] == '_' ? '-' : view_lower_char(word.ptr[i]);
    return view_of(out, len);
}

/* "listen-tls" of "tls-listen". */
static struct view turn_round(struct view word, char out[WORD_MAX_BYTES])
{
    struct view rest = word, first = view_cut(&rest, '-');
    if (!rest.ptr || word.len > WORD_MAX_BYTES)
        return word;
    memcpy(out, rest.ptr, rest.len);
    out[rest.len] = '-';
    memcpy(out + rest.len + 1, first.ptr, first.len);
    return view_of(out, word.len);
}

const struct config_setting *config_table_nearest(const struct config_table *table,
                                                  struct view word, enum config_origin origin)
{
    const struct config_setting *setting, *best = NULL;
    size_t best_edits = SIZE_MAX;
    char buffer[WORD_MAX_BYTES], turned[WORD_MAX_BYTES];
    word = normalise(word, buffer);
    struct view other = turn_round(word, turned);
    for (size_t i = 0; (setting = config_table_at(table, i)); i++) {
        size_t edits = edits_between(word, view_str(setting->word));
        if (view_eq(other, view_str(setting->word)) && edits > 1)
            edits = 1;
        if (can_be_said(setting, origin) && edits < best_edits) {
            best = setting;
            best_edits = edits;
        }
    }
    return edits_are_near(best_edits, word) ? best : NULL;
}

static bool has_row(const struct config_table *table, const struct config_setting *setting,
                    size_t *base)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct config_setting *row = &table->settings[i];
        if (row == setting) {
            *base = 0;
            return true;
        }
        if (is_inlined(row) && has_row(row->table, setting, base)) {
            *base += row->offset;
            return true;
        }
    }
    return false;
}

size_t config_table_base(const struct config_table *table, const struct config_setting *setting)
{
    size_t base = 0;
    has_row(table, setting, &base);
    return base;
}
