/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/noted.h"

#include "classify/ndpi.h"
#include "core/buf.h"
#include "core/timefmt.h"

enum { MAX_NOTED = 16, MAX_BYTES = 1 << 20 };

struct list {
    struct ml_arena *arena;
    const char **texts;
    size_t n;
    bool failed;
};

static void note(struct list *list, const char *name, const char *value)
{
    struct ml_buf text;
    ml_buf_init(&text, MAX_BYTES);
    (void)ml_buf_printf(&text, "%s=", name);
    (void)ml_buf_add_text(&text, value); /* failures latch in the buffer */
    struct ml_span kept = ml_span_of(NULL, 0);
    if (!text.failed && list->n + 1 < MAX_NOTED) {
        kept = ml_arena_copy(list->arena, ml_buf_span(&text));
    }
    list->failed = list->failed || kept.ptr == NULL;
    if (kept.ptr != NULL) {
        list->texts[list->n++] = (const char *)kept.ptr;
    }
    ml_buf_fini(&text);
}

static void note_time(struct list *list, const char *name, bool has_time, int64_t time_ns)
{
    char text[ML_TIME_TEXT];
    if (has_time) {
        (void)ml_time_format(time_ns, text);
        note(list, name, text);
    }
}

const char *const *ml_options_noted(const struct ml_options *options, struct ml_arena *arena)
{
    struct list list = {.arena = arena, .texts = ml_arena_get(arena, MAX_NOTED * sizeof(char *))};
    char ip[ML_IP_TEXT];
    if (list.texts == NULL) {
        return NULL;
    }
    if (options->app != NULL) {
        note(&list, "app", options->app);
    }
    if (options->device.family != 0) {
        (void)ml_ip_format(&options->device, ip);
        note(&list, "device", ip);
    }
    if (options->filter != NULL) {
        note(&list, "filter", options->filter);
    }
    note(&list, "ndpi", options->with_ndpi && ml_ndpi_version() != NULL ? "on" : "off");
    if (options->is_series) {
        note(&list, "series", "on");
    }
    note_time(&list, "since", options->has_since, options->since_ns);
    note_time(&list, "until", options->has_until, options->until_ns);
    return list.failed ? NULL : list.texts;
}
