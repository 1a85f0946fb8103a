/* Stands for the chip-photo libraries of reader makers: every call that the station knows, and every way to go wrong.
   The photo's first byte says what to do: S succeed, R refuse, C crash, H hang, W write too little, P pad the rows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WIDTH = 102, HEIGHT = 126, ROW = WIDTH * 3, PADDED = 308, HEADER = 54 };

/* An asymmetric picture, top-down RGB: red top left, green top right, blue bottom left, black elsewhere. */
static void pixel(int x, int y, unsigned char *rgb) {
  memset(rgb, 0, 3);
  if (y < 40 && x < 30) rgb[0] = 250;
  if (y < 40 && x >= 80) rgb[1] = 240;
  if (y >= 100 && x < 30) rgb[2] = 230;
}

static void misbehave(const char *src) {
  printf("a library that prints\n");
  fflush(stdout);
  if (src[0] == 'C') abort();
  while (src[0] == 'H') sleep(1);
}

int unpack(char *src, char *dst, int vendor) {
  misbehave(src);
  if (src[0] == 'R' || vendor != 7) return -5;
  int row = src[0] == 'P' ? PADDED : ROW;
  for (int y = 0; y < (src[0] == 'W' ? 60 : HEIGHT); y++) {
    memset(dst + y * row, 0, row);
    for (int x = 0; x < WIDTH; x++) pixel(x, HEIGHT - 1 - y, (unsigned char *)dst + y * row + x * 3);
  }
  return 1;
}

static int bmp(char *dst, int width) {
  unsigned char *out = (unsigned char *)dst;
  int row = (width * 3 + 3) / 4 * 4, size = HEADER + row * HEIGHT;
  memset(out, 0, size);
  out[0] = 'B', out[1] = 'M';
  memcpy(out + 2, &size, 4);
  out[10] = HEADER, out[14] = 40, out[26] = 1, out[28] = 24;
  out[18] = width, out[22] = HEIGHT;
  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < width; x++) {
      unsigned char rgb[3], *to = out + HEADER + y * row + x * 3;
      pixel(x, HEIGHT - 1 - y, rgb);
      to[0] = rgb[2], to[1] = rgb[1], to[2] = rgb[0];
    }
  return size;
}

int Unpack(char *in, char *out, int size) {
  misbehave(in);
  if (in[0] == 'R' || size != 1024) return 0;
  bmp(out, in[0] == 'W' ? 60 : WIDTH);
  return 0;
}

int _Unpack(unsigned char *src, int n, unsigned char *dst, int *cb) {
  misbehave((char *)src);
  if (src[0] == 'R' || n != 1024) return 0;
  *cb = bmp((char *)dst, src[0] == 'W' ? 60 : WIDTH);
  return 1;
}

int GetBmp(const char *wlt_file, int intf) {
  char photo[1024], picture[64 * 1024], path[4096];
  FILE *file = fopen(wlt_file, "rb");
  if (!file || fread(photo, 1, 1024, file) != 1024) return -3;
  fclose(file);
  misbehave(photo);
  if (photo[0] == 'R' || intf != 7) return -6;
  int size = bmp(picture, photo[0] == 'W' ? 60 : WIDTH);
  snprintf(path, sizeof path, "%.*s.bmp", (int)strlen(wlt_file) - 4, wlt_file);
  file = fopen(path, "wb");
  fwrite(picture, 1, size, file);
  fclose(file);
  return 1;
}
