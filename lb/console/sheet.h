/* A table in columns: cells are put in row by row, then it is printed as wide as it may be. */
#ifndef LB_CONSOLE_SHEET_H
#define LB_CONSOLE_SHEET_H

#include <stdbool.h>

#include "lb/base/text.h"

#define SHEET_COLUMN_MAX 12u

struct sheet_column {
    const char *title;
    bool is_number;     /* stands at the right */
    unsigned rank;      /* with too little room the one with the highest goes first; 0: it stays */
    unsigned narrowest; /* with too little room it is cut to that; 0: it is never cut */
};

struct sheet_row {
    struct sheet_cell {
        struct text words;
        const char *colour; /* of base/colour.h; NULL: none */
    } cells[SHEET_COLUMN_MAX];
};

struct sheet {
    const struct sheet_column *columns; /* borrowed */
    unsigned column_count;
    struct sheet_row *rows;
    unsigned row_count;
    unsigned next; /* cell of the last row */
};

struct sheet_paper {
    unsigned width; /* in columns of the terminal; 0: as wide as it takes */
    bool is_coloured;
};

/* Borrows the columns, at most SHEET_COLUMN_MAX. Gives: sheet_fini(). */
void sheet_init(struct sheet *sheet, const struct sheet_column *columns, unsigned column_count);
void sheet_fini(struct sheet *sheet);

/* The next row, whose cells follow from the left. Foreign words are escaped (base/shown.h); NULL: "-". */
void sheet_begin_row(struct sheet *sheet);
void sheet_put(struct sheet *sheet, const char *words, const char *colour);
void sheet_put_view(struct sheet *sheet, struct view words, const char *colour);

/* Appends the line of titles, and then `count` rows from `first` on, each with its line break. */
void sheet_print(const struct sheet *sheet, const struct sheet_paper *paper, unsigned first,
                 unsigned count, struct text *out);

/* Appends foreign words, escaped, cut to so many columns (0: all of them) with a mark. */
void sheet_append_cut(struct view words, unsigned columns, struct text *out);

#endif
