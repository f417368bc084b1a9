#include "lb/console/figure.h"

#include <stdio.h>

static const char *scaled(double value, double step, char out[FIGURE_BYTES])
{
    static const char units[] = {'k', 'M', 'G', 'T', 'P'};
    unsigned unit = 0;
    value /= step;
    for (; value >= step && unit + 1 < sizeof(units); unit++)
        value /= step;
    snprintf(out, FIGURE_BYTES, value < 99.95 ? "%.1f%c" : "%.0f%c", value, units[unit]);
    return out;
}

const char *figure_count(double value, char out[FIGURE_BYTES])
{
    if (value < 0)
        snprintf(out, FIGURE_BYTES, "-");
    else if (value == 0)
        snprintf(out, FIGURE_BYTES, "0");
    else if (value < 10 && value == (double)(int)value)
        snprintf(out, FIGURE_BYTES, "%d", (int)value);
    else if (value < 9.95)
        snprintf(out, FIGURE_BYTES, value < 0.05 ? "%.2f" : "%.1f", value);
    else if (value < 9999.5)
        snprintf(out, FIGURE_BYTES, "%.0f", value);
    else
        return scaled(value, 1000, out);
    return out;
}

const char *figure_ms(double value, char out[FIGURE_BYTES])
{
    if (value < 0)
        snprintf(out, FIGURE_BYTES, "-");
    else if (value < 9999.5)
        snprintf(out, FIGURE_BYTES,
                 value < 0.995   ? "%.2f"
                 : value < 99.95 ? "%.1f"
                                 : "%.0f",
                 value);
    else
        snprintf(out, FIGURE_BYTES, "%.1fs", value / 1000);
    return out;
}

const char *figure_bytes(double value, char out[FIGURE_BYTES])
{
    if (value >= 1023.5)
        return scaled(value, 1024, out);
    snprintf(out, FIGURE_BYTES, value < 0 ? "-" : "%.0f", value);
    return out;
}

const char *figure_span(double seconds, char out[FIGURE_BYTES])
{
    unsigned long s = seconds > 0 ? (unsigned long)seconds : 0;
    if (s < 60)
        snprintf(out, FIGURE_BYTES, "%lus", s);
    else if (s < 3600)
        snprintf(out, FIGURE_BYTES, "%lum", s / 60);
    else if (s < 86400)
        snprintf(out, FIGURE_BYTES, "%luh%lum", s / 3600, s / 60 % 60);
    else
        snprintf(out, FIGURE_BYTES, "%lud%luh", s / 86400, s / 3600 % 24);
    return out;
}
