/* Numbers as people read them, in few columns. A negative one is not known: "-". Pure. */
#ifndef LB_CONSOLE_FIGURE_H
#define LB_CONSOLE_FIGURE_H

#define FIGURE_BYTES 24

/* Each gives `out`. "4.2", "817", "12.3k"; and of milliseconds "0.06", "3.7", "817", "12.3s"; of bytes "817", "6.9M". */
const char *figure_count(double value, char out[FIGURE_BYTES]);
const char *figure_ms(double value, char out[FIGURE_BYTES]);
const char *figure_bytes(double value, char out[FIGURE_BYTES]);

/* Of seconds: "42s", "17m", "3h12m", "5d3h". */
const char *figure_span(double seconds, char out[FIGURE_BYTES]);

#endif
