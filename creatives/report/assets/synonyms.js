// What is the same in five languages, however it is looked for: colours, which are told in English, and what is offered free.
//
// A line is one thing, its names between slashes, with the endings that they have. What ads sell is found by meaning;
// words alone cannot tell a colour from another, and of an offer that stands beside a product little is left in that.
// creatives/agents/words.py reads this file, too: it is JSON between the brackets.

export const SYNONYMS = [
  "black/schwarz/schwarze/schwarzer/schwarzes/schwarzen/schwarzem/noir/noire/noirs/noires/negro/negra/negros/negras/nero/nera/neri/nere",
  "white/weiß/weiße/weißer/weißes/weißen/weißem/blanc/blanche/blancs/blanches/blanco/blanca/blancos/blancas/bianco/bianca/bianchi/bianche",
  "gray/grey/grau/graue/grauer/graues/grauen/grauem/gris/grise/grises/grigio/grigia/grigi/grigie",
  "red/rot/rote/roter/rotes/roten/rotem/rouge/rouges/rojo/roja/rojos/rojas/rosso/rossa/rossi/rosse",
  "orange/oranges/orangen/orangefarben/naranja/naranjas/arancione/arancioni",
  "yellow/gelb/gelbe/gelber/gelbes/gelben/gelbem/jaune/jaunes/amarillo/amarilla/amarillos/amarillas/giallo/gialla/gialli/gialle",
  "green/grün/grüne/grüner/grünes/grünen/grünem/vert/verte/verts/vertes/verde/verdes/verdi",
  "turquoise/turquoises/türkis/türkise/türkiser/türkises/türkisen/türkisem/turquesa/turquesas/turchese/turchesi",
  "blue/blau/blaue/blauer/blaues/blauen/blauem/bleu/bleue/bleus/bleues/azul/azules/blu/azzurro/azzurra/azzurri/azzurre",
  "purple/violett/violette/violetter/violettes/violetten/violettem/lila/violet/violets/morado/morada/morados/moradas/viola",
  "pink/rosa/rose",
  "brown/braun/braune/brauner/braunes/braunen/braunem/marron/marrons/brun/brune/bruns/brunes/marrón/marrones/marrone/marroni",
  "beige/beiges/beigen/beiger",
  "free shipping/free delivery/free postage/ships free/delivered free/kostenloser Versand/kostenlosen Versand/kostenfreier Versand/kostenlose Lieferung/kostenfreie Lieferung/gratis Versand/Gratisversand/gratis Lieferung/Gratislieferung/Versand gratis/Versand kostenlos/Versand kostenfrei/Lieferung gratis/Lieferung kostenlos/versandkostenfrei/portofrei/livraison gratuite/livraison offerte/frais de port offerts/port offert/port gratuit/expédition gratuite/envío gratis/envío gratuito/envíos gratis/envíos gratuitos/entrega gratis/entrega gratuita/spedizione gratuita/spedizione gratis/spedizioni gratuite/consegna gratuita/consegna gratis",
  "free returns/free return/kostenlose Rückgabe/kostenloser Rückversand/kostenlose Retoure/kostenlose Retouren/retour gratuit/retours gratuits/retours offerts/devolución gratuita/devoluciones gratuitas/devoluciones gratis/reso gratuito/resi gratuiti/reso gratis",
  "free trial/try free/try for free/kostenlos testen/gratis testen/kostenlos ausprobieren/kostenloser Test/kostenlose Testphase/essai gratuit/essayer gratuitement/essayez gratuitement/prueba gratis/prueba gratuita/probar gratis/prova gratuita/prova gratis"
];
