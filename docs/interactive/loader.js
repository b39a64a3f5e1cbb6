// Fetches the script of an interactive figure when the reader comes near its still picture. In print, for search engines
// and without this script, the still picture is the figure. This is a classic script because browsers refuse modules
// that are opened from a folder.

const here = document.currentScript.src.replace(/[^/]*$/, "")
const near = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries)
      if (isIntersecting) {
        near.unobserve(target)
        fetchOnce(target.dataset.interactive)
      }
  },
  { rootMargin: "600px" },
)

const fetched = new Set()

function fetchOnce(name) {
  if (fetched.has(name)) return
  fetched.add(name)
  document.head.append(Object.assign(document.createElement("script"), { src: `${here}${name}.js` }))
}

for (const picture of document.querySelectorAll("img[data-interactive]")) near.observe(picture)
