#include <iostream>

#include "cli/app.h"

int main(int argc, char** argv) {
  return gatewatch::cli::RunApp(argc, argv, std::cout, std::cerr);
}
