/* A GA/T 626.1 library without a collector: what it does is read from the folder that LIVESCAN_STUB names.
   finger: the raw picture on the glass; absent, crash, hang: what goes wrong at the next call. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WIDTH 256
#define HEIGHT 360

static FILE *opened(const char *name, const char *mode)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", getenv("LIVESCAN_STUB"), name);
    return fopen(path, mode);
}

static int there(const char *name)
{
    FILE *file = opened(name, "rb");
    if (file)
        fclose(file);
    return file != NULL;
}

int LIVESCAN_Init(void)
{
    puts("a library that talks to itself");
    fflush(stdout);
    return there("absent") ? -4 : 1;
}

int LIVESCAN_Close(void)
{
    FILE *file = opened("closed", "wb");
    if (file)
        fclose(file);
    return 1;
}

int LIVESCAN_GetMaxImageSize(int channel, int *width, int *height)
{
    *width = WIDTH;
    *height = HEIGHT;
    return channel == 0 ? 1 : -1;
}

int LIVESCAN_BeginCapture(int channel)
{
    if (there("crash"))
        abort();
    if (there("hang"))
        sleep(60);
    if (there("absent"))
        return -4;
    return there("broken") ? -101 : 1;
}

int LIVESCAN_GetFPRawData(int channel, unsigned char *data)
{
    FILE *file = opened("finger", "rb");
    memset(data, 240, WIDTH * HEIGHT);
    if (file) {
        size_t got = fread(data, 1, WIDTH * HEIGHT, file);
        fclose(file);
        if (got < WIDTH * HEIGHT)
            return -2;
    }
    return 1;
}

int LIVESCAN_EndCapture(int channel)
{
    return 1;
}

int LIVESCAN_GetDesc(char text[1024])
{
    strcpy(text, "\xb2\xc9\xbc\xaf\xd2\xc7"); /* GB18030 */
    return 1;
}

int LIVESCAN_GetErrorInfo(int code, char text[256])
{
    snprintf(text, 256, "stub %d", code);
    return 1;
}
