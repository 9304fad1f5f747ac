"""`render`: shows HTML5 banners to a browser that has nothing but their zip, and makes a creative of what it shows."""
