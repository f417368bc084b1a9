#include "lb/console/sheet.h"

#include <stdlib.h>

#include "lb/base/colour.h"
#include "lb/base/memory.h"
#include "lb/base/shown.h"
#include "lb/console/measure.h"

#define GAP 2u /* between columns */

void sheet_init(struct sheet *sheet, const struct sheet_column *columns, unsigned column_count)
{
    *sheet = (struct sheet){.columns = columns, .column_count = column_count};
}

void sheet_fini(struct sheet *sheet)
{
    for (unsigned i = 0; i < sheet->row_count; i++)
        for (unsigned k = 0; k < sheet->column_count; k++)
            text_fini(&sheet->rows[i].cells[k].words);
    free(sheet->rows);
    *sheet = (struct sheet){0};
}

void sheet_begin_row(struct sheet *sheet)
{
    bool is_power = (sheet->row_count & (sheet->row_count - 1)) == 0;
    if (is_power)
        sheet->rows = memory_resize(sheet->rows, (sheet->row_count ? 2 * sheet->row_count : 1) *
                                                     sizeof(*sheet->rows));
    sheet->rows[sheet->row_count++] = (struct sheet_row){0};
    sheet->next = 0;
}

void sheet_put_view(struct sheet *sheet, struct view words, const char *colour)
{
    struct sheet_cell *cell = &sheet->rows[sheet->row_count - 1].cells[sheet->next++];
    shown_append(&cell->words, words);
    cell->colour = colour;
}

void sheet_put(struct sheet *sheet, const char *words, const char *colour)
{
    sheet_put_view(sheet, words ? view_str(words) : VIEW("-"), colour);
}

/* ---- how wide -------------------------------------------------------------------------------- */

struct layout {
    unsigned widths[SHEET_COLUMN_MAX]; /* 0: it is left out */
};

static unsigned width_of(const struct sheet *sheet, unsigned column)
{
    unsigned widest = measure_columns(view_str(sheet->columns[column].title));
    bool is_used = false;
    for (unsigned i = 0; i < sheet->row_count; i++) {
        unsigned width = measure_columns(text_view(&sheet->rows[i].cells[column].words));
        is_used |= width > 0;
        widest = width > widest ? width : widest;
    }
    return is_used || sheet->columns[column].rank == 0 ? widest : 0;
}

static unsigned sum_of(const struct sheet *sheet, const struct layout *layout)
{
    unsigned sum = 0;
    for (unsigned i = 0; i < sheet->column_count; i++)
        if (layout->widths[i] > 0)
            sum += layout->widths[i] + (sum > 0 ? GAP : 0);
    return sum;
}

static unsigned least_of(const struct sheet *sheet, const struct layout *layout)
{
    struct layout least = *layout;
    for (unsigned i = 0; i < sheet->column_count; i++)
        if (sheet->columns[i].narrowest > 0 && least.widths[i] > sheet->columns[i].narrowest)
            least.widths[i] = sheet->columns[i].narrowest;
    return sum_of(sheet, &least);
}

/* False: all that are left stay. */
static bool leave_one_out(const struct sheet *sheet, struct layout *layout)
{
    unsigned highest = 0, which = 0;
    for (unsigned i = 0; i < sheet->column_count; i++) {
        if (layout->widths[i] == 0 || sheet->columns[i].rank <= highest)
            continue;
        highest = sheet->columns[i].rank;
        which = i;
    }
    if (highest > 0)
        layout->widths[which] = 0;
    return highest > 0;
}

/* Of what is missing each gives up to what it has above its narrowest, from the right. */
static void cut_some(const struct sheet *sheet, unsigned missing, struct layout *layout)
{
    for (unsigned i = sheet->column_count; i-- > 0 && missing > 0;) {
        unsigned narrowest = sheet->columns[i].narrowest;
        if (narrowest == 0 || layout->widths[i] <= narrowest)
            continue;
        unsigned given = layout->widths[i] - narrowest;
        given = given < missing ? given : missing;
        layout->widths[i] -= given;
        missing -= given;
    }
}

static struct layout lay_out(const struct sheet *sheet, unsigned width)
{
    struct layout layout = {0};
    for (unsigned i = 0; i < sheet->column_count; i++)
        layout.widths[i] = width_of(sheet, i);
    while (width > 0 && least_of(sheet, &layout) > width && leave_one_out(sheet, &layout))
        ;
    unsigned sum = sum_of(sheet, &layout);
    if (width > 0 && sum > width)
        cut_some(sheet, sum - width, &layout);
    return layout;
}

/* ---- lines ----------------------------------------------------------------------------------- */

static void append_spaces(unsigned count, struct text *out)
{
    while (count-- > 0)
        text_append_char(out, ' ');
}

/* Of words that are escaped already. */
static void append_shortened(struct view words, unsigned columns, struct text *out)
{
    if (measure_columns(words) <= columns) {
        text_append(out, words);
        return;
    }
    text_append(out, measure_cut(words, columns > 0 ? columns - 1 : 0));
    if (columns > 0)
        text_append_str(out, "…");
}

void sheet_append_cut(struct view words, unsigned columns, struct text *out)
{
    struct text shown = TEXT_INIT;
    shown_append(&shown, words);
    if (columns > 0)
        append_shortened(text_view(&shown), columns, out);
    else
        text_append(out, text_view(&shown));
    text_fini(&shown);
}

struct line {
    const struct sheet_paper *paper;
    struct text *out;
    unsigned owed; /* blanks before the next words, so that none stand at the end */
    unsigned left; /* columns that there are, of a paper that is too narrow for what stays */
    bool has_begun;
};

/* How wide the cell may be; 0: there is no room. */
static unsigned take_room(struct line *line, unsigned width)
{
    unsigned gap = line->has_begun ? GAP : 0;
    if (line->paper->width == 0)
        return width;
    unsigned room = line->left > gap ? line->left - gap : 0;
    width = width < room ? width : room;
    line->left -= width > 0 ? width + gap : line->left;
    return width;
}

static void put_cell(struct line *line, const struct sheet_column *column, unsigned width,
                     struct view words, const char *colour)
{
    width = take_room(line, width);
    if (width == 0)
        return;
    unsigned taken = measure_columns(words), padding = taken < width ? width - taken : 0;
    line->owed += line->has_begun ? GAP : 0;
    line->has_begun = true;
    if (words.len == 0) {
        line->owed += width;
        return;
    }
    append_spaces(line->owed + (column->is_number ? padding : 0), line->out);
    bool is_coloured = line->paper->is_coloured && colour;
    text_append_str(line->out, is_coloured ? colour : "");
    append_shortened(words, width, line->out);
    text_append_str(line->out, is_coloured ? COLOUR_NONE : "");
    line->owed = column->is_number ? 0 : padding;
}

static void print_row(const struct sheet *sheet, const struct layout *layout,
                      const struct sheet_paper *paper, const struct sheet_row *row,
                      struct text *out)
{
    struct line line = {.paper = paper, .out = out, .left = paper->width};
    for (unsigned i = 0; i < sheet->column_count; i++) {
        const struct sheet_column *column = &sheet->columns[i];
        if (layout->widths[i] == 0)
            continue;
        if (row)
            put_cell(&line, column, layout->widths[i], text_view(&row->cells[i].words),
                     row->cells[i].colour);
        else
            put_cell(&line, column, layout->widths[i], view_str(column->title), COLOUR_BOLD);
    }
    text_append_char(out, '\n');
}

void sheet_print(const struct sheet *sheet, const struct sheet_paper *paper, unsigned first,
                 unsigned count, struct text *out)
{
    struct layout layout = lay_out(sheet, paper->width);
    print_row(sheet, &layout, paper, NULL, out);
    for (unsigned i = first; i < sheet->row_count && i - first < count; i++)
        print_row(sheet, &layout, paper, &sheet->rows[i], out);
}
